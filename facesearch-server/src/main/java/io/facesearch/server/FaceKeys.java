package io.facesearch.server;

import io.facesearch.EmbeddedFace;
import io.facesearch.KeptPhotos;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Names faces in URLs. Their ids have slashes, which URLs cannot carry, and begin with the name of
 * a folder of this machine, or are whole paths in files of older releases, which is nobody's
 * business: a key is the id with a hash in place of these, in Base64. A key is only ever looked up
 * in the index, never opened. Thread-safe.
 */
final class FaceKeys {
  private static final int HASH = 16;

  private final LongSupplier version;
  private final Supplier<List<EmbeddedFace>> faces;

  /** What was replaced, by its hash: names of folders, and whole ids. */
  private final Map<String, String> hidden = new ConcurrentHashMap<>();

  private volatile long scanned = -1;

  /**
   * Keys for an index.
   *
   * @param version grows with every change
   * @param faces of the index
   */
  FaceKeys(LongSupplier version, Supplier<List<EmbeddedFace>> faces) {
    this.version = version;
    this.faces = faces;
  }

  String keyOf(String id) {
    int hide = isPath(id) ? id.length() : Math.max(0, id.indexOf('/'));
    String rest = "i" + id;
    if (hide > 0) {
      String secret = id.substring(0, hide);
      String hash = hash(secret);
      hidden.putIfAbsent(hash, secret);
      rest = "h" + hash + id.substring(hide);
    }
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(rest.getBytes(StandardCharsets.UTF_8));
  }

  /** The id; one that no face has if the key is none of ours. */
  String idOf(@Nullable String key) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(key);
      String rest = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (rest.startsWith("i")) {
        return rest.substring(1);
      }
      if (rest.length() < 1 + HASH || rest.charAt(0) != 'h') {
        return "";
      }
      String secret = secretOf(rest.substring(1, 1 + HASH));
      return secret == null ? "" : secret + rest.substring(1 + HASH);
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return "";
    }
  }

  /** Looks through the index once after each change, for a key from before this process began. */
  private @Nullable String secretOf(String hash) {
    String secret = hidden.get(hash);
    long now = version.getAsLong();
    if (secret == null && scanned != now) {
      String last = "";
      for (EmbeddedFace face : faces.get()) {
        String id = face.face().id();
        int end = isPath(id) ? id.length() : Math.max(0, id.indexOf('/'));
        if (end > 0 && !(id.startsWith(last) && last.length() == end)) {
          last = id.substring(0, end);
          hidden.putIfAbsent(hash(last), last);
        }
      }
      scanned = now;
      secret = hidden.get(hash);
    }
    return secret;
  }

  private static String hash(String text) {
    byte[] hash = Sha256.of(text.getBytes(StandardCharsets.UTF_8));
    return Base64.getUrlEncoder().encodeToString(hash).substring(0, HASH);
  }

  /** Whether a text is, or may be, a path of any platform. */
  private static boolean isPath(String text) {
    return text.startsWith("/")
        || text.indexOf('\\') >= 0
        || text.length() > 1 && text.charAt(1) == ':'
        || text.contains("..");
  }

  /** What people may see of where a face comes from. */
  static String shownSource(String source) {
    if (source.startsWith(KeptPhotos.ROOT)) {
      return source.substring(KeptPhotos.ROOT.length());
    }
    return isPath(source)
        ? source.substring(Math.max(source.lastIndexOf('/'), source.lastIndexOf('\\')) + 1)
        : source.substring(source.indexOf('/') + 1);
  }
}
