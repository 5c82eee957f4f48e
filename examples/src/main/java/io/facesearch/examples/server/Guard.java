package io.facesearch.examples.server;

import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.SameSite;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Decides who may ask. Thread-safe.
 *
 * <ul>
 *   <li>The {@code Host} header must be a name of this server, or a foreign page could reach it by
 *       DNS rebinding.
 *   <li>What a browser sends for a page of another origin is refused, by {@code Sec-Fetch-Site} and
 *       {@code Origin}. There is no CORS.
 *   <li>With a token, every request for data needs it: as a bearer token, or as the cookie that a
 *       browser gets for it.
 * </ul>
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6750">RFC 6750, bearer tokens</a>
 */
final class Guard {
  static final String COOKIE = "facesearch_session";
  static final int MIN_TOKEN = 16;

  private static final Set<String> OPEN =
      Set.of("/api/health", "/api/session", "/api/openapi.json");

  private final Set<String> hosts = new HashSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));
  private final boolean anyAddress;
  private final Optional<String> token;
  private final String session;

  /**
   * Makes the guard.
   *
   * @param host that is listened on
   * @param more further names of this server
   * @param token what clients must know; must be there unless host is a loopback address
   */
  Guard(String host, List<String> more, Optional<String> token) {
    InetAddress address;
    try {
      address = InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("no address is known for the host " + host, e);
    }
    if (!address.isLoopbackAddress() && token.isEmpty()) {
      throw new IllegalArgumentException(
          "listening on "
              + host
              + ", beyond this machine, needs a token: everybody in the network could see and"
              + " change the gallery; give --token, or leave --host out");
    }
    if (token.isPresent() && token.get().length() < MIN_TOKEN) {
      throw new IllegalArgumentException(
          "the token must have at least "
              + MIN_TOKEN
              + " characters, but has "
              + token.get().length());
    }
    hosts.add(hostName(host.contains(":") ? "[" + host + "]" : host));
    more.forEach(name -> hosts.add(hostName(name)));
    anyAddress = address.isAnyLocalAddress();
    this.token = token;
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    session = HexFormat.of().formatHex(random);
  }

  void check(Context ctx) {
    String host = ctx.header("Host");
    if (host == null || !isOurs(hostName(host))) {
      throw new Problem(
          421,
          "wrong_host",
          "this server is not known as \""
              + (host == null ? "" : printable(host))
              + "\"; use the address it was started with, or start it with --allow-host");
    }
    checkOrigin(ctx, host);
    String path = ctx.path();
    if ((path.startsWith("/api/") || path.equals("/metrics"))
        && !OPEN.contains(path)
        && !knowsToken(ctx)) {
      ctx.header("WWW-Authenticate", "Bearer");
      throw new Problem(
          401, "token_needed", "this server needs its token: Authorization: Bearer TOKEN");
    }
  }

  private boolean isOurs(String name) {
    // A name can be rebound to another address, an address cannot.
    return hosts.contains(name) || (anyAddress && name.matches("[0-9.]+|\\[[0-9a-f:.%]+]"));
  }

  private static void checkOrigin(Context ctx, String host) {
    String path = ctx.path();
    boolean data = path.startsWith("/api/") || path.equals("/metrics");
    if (!data) {
      return;
    }
    String site = ctx.header("Sec-Fetch-Site");
    boolean read = Set.of("GET", "HEAD").contains(ctx.method().name());
    if (site != null) {
      boolean fine = site.equals("same-origin") || site.equals("none");
      // A link on another page may lead to a document here; that page cannot read it.
      if (!fine && !(read && "navigate".equals(ctx.header("Sec-Fetch-Mode")))) {
        throw foreign();
      }
      return;
    }
    String origin = ctx.header("Origin");
    if (origin != null && !host.equalsIgnoreCase(authority(origin))) {
      throw foreign();
    }
  }

  private static String authority(String origin) {
    try {
      return URI.create(origin).getRawAuthority();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static Problem foreign() {
    return new Problem(
        403, "foreign_origin", "requests from pages of other origins are not answered");
  }

  boolean knowsToken(Context ctx) {
    if (token.isEmpty()) {
      return true;
    }
    String header = ctx.header("Authorization");
    if (header != null && header.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return same(header.substring(7).strip(), token.get());
    }
    String cookie = ctx.cookie(COOKIE);
    return cookie != null && same(cookie, session);
  }

  /** Gives a browser, whose images cannot carry a token, a cookie for it. */
  void logIn(Context ctx, String given) {
    if (token.isPresent() && !same(given, token.get())) {
      throw new Problem(401, "wrong_token", "this is not the token of this server");
    }
    Cookie cookie = new Cookie(COOKIE, session);
    cookie.setPath("/");
    cookie.setHttpOnly(true);
    cookie.setSameSite(SameSite.STRICT);
    ctx.cookie(cookie);
  }

  /** Compares in a time that tells nothing of how much is right. */
  private static boolean same(String a, String b) {
    return MessageDigest.isEqual(sha256(a), sha256(b));
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  private static String hostName(String host) {
    return host.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT);
  }

  private static String printable(String text) {
    String clean = text.replaceAll("[^\\x20-\\x7e]", "?");
    return clean.substring(0, Math.min(80, clean.length()));
  }
}
