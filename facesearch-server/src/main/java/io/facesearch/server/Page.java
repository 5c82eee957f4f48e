package io.facesearch.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The files of the query page. They are read once, by the names listed here, so that no request can
 * name another file. Immutable and thread-safe.
 */
final class Page {
  static final List<String> LANGUAGES = List.of("en", "vi");

  private static final List<String> FILES =
      List.of(
          "app.js",
          "batch.js",
          "compare.js",
          "files.js",
          "filters.js",
          "search.js",
          "state.js",
          "verdict.js",
          "viewer.js",
          "api.js",
          "camera.js",
          "dialogs.js",
          "i18n.js",
          "icon.svg",
          "people.js",
          "photo.js",
          "results.js",
          "style.css",
          "theme.js",
          "messages/en.json",
          "messages/vi.json");

  /** Everything comes from this server, nothing is inline, nobody may frame the page. */
  static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
          + " connect-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  /** No browser says more; to parse it takes time with the square of its length, or worse. */
  private static final int MAX_HEADER = 200;

  private record File(byte[] bytes, String type, String tag) {}

  private final Map<String, File> files = new LinkedHashMap<>();
  private final Map<String, File> index = new LinkedHashMap<>();

  Page() throws IOException {
    for (String name : FILES) {
      files.put(name, file(read(name), typeOf(name)));
    }
    String html = new String(read("index.html"), StandardCharsets.UTF_8);
    for (String language : LANGUAGES) {
      byte[] page =
          html.replace("<html lang=\"en\">", "<html lang=\"" + language + "\">")
              .getBytes(StandardCharsets.UTF_8);
      index.put(language, file(page, "text/html; charset=utf-8"));
    }
  }

  /** The page itself, in the language that the browser prefers. */
  void index(Exchange exchange) {
    String language = language(exchange.header("Accept-Language"));
    exchange.header("Vary", "Accept-Language").header("Content-Language", language);
    send(exchange, Objects.requireNonNull(index.get(language)));
  }

  void asset(Exchange exchange, @Nullable String name) {
    File file = files.get(name);
    if (file == null) {
      throw new Problem(404, "not_found", "there is no such file");
    }
    send(exchange, file);
  }

  /** The one of our languages that an Accept-Language header prefers. */
  static String language(String header) {
    if (header == null || header.length() > MAX_HEADER) {
      return LANGUAGES.get(0);
    }
    try {
      String best = Locale.lookupTag(Locale.LanguageRange.parse(header), LANGUAGES);
      return best == null ? LANGUAGES.get(0) : best;
    } catch (IllegalArgumentException e) {
      return LANGUAGES.get(0); // a header of nonsense
    }
  }

  private static void send(Exchange exchange, File file) {
    exchange.header("ETag", file.tag()).header("Cache-Control", "no-cache");
    String known = exchange.header("If-None-Match");
    if (known != null && known.contains(file.tag())) {
      exchange.status(304);
      return;
    }
    exchange.result(file.type(), file.bytes());
  }

  private static File file(byte[] bytes, String type) {
    byte[] hash = Sha256.of(bytes);
    return new File(bytes, type, '"' + HexFormat.of().formatHex(hash, 0, 12) + '"');
  }

  private static byte[] read(String name) throws IOException {
    try (InputStream in = Page.class.getResourceAsStream("page/" + name)) {
      if (in == null) {
        throw new IOException("the file " + name + " of the page is missing from this jar");
      }
      return in.readAllBytes();
    }
  }

  private static String typeOf(String name) {
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "js" -> "text/javascript; charset=utf-8";
      case "css" -> "text/css; charset=utf-8";
      case "json" -> "application/json";
      case "svg" -> "image/svg+xml";
      default -> throw new IllegalArgumentException("no content type is known for " + name);
    };
  }
}
