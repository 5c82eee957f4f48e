package io.facesearch.examples.server;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Names faces in URLs. Their ids are paths of this machine, which are nobody's business, and have
 * slashes, which URLs cannot carry: a key is the id without its folder, in Base64. A key is only
 * ever looked up in the index, never opened. Immutable and thread-safe.
 */
final class FaceKeys {
  private final Map<Character, String> prefixes = new LinkedHashMap<>();

  /** Keys for the photos of this folder, which may be null. */
  FaceKeys(Path gallery) {
    put('g', gallery);
    prefixes.put('i', "");
  }

  private void put(char kind, Path folder) {
    if (folder != null) {
      prefixes.put(kind, folder + folder.getFileSystem().getSeparator());
    }
  }

  String keyOf(String id) {
    for (Map.Entry<Character, String> prefix : prefixes.entrySet()) {
      if (id.startsWith(prefix.getValue())) {
        String rest = prefix.getKey() + id.substring(prefix.getValue().length());
        return Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(rest.getBytes(StandardCharsets.UTF_8));
      }
    }
    throw new AssertionError("the empty prefix fits");
  }

  /** The id; one that no face has if the key is none of ours. */
  String idOf(String key) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(key);
      String rest = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      String prefix = rest.isEmpty() ? null : prefixes.get(rest.charAt(0));
      return prefix == null ? "" : prefix + rest.substring(1);
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return "";
    }
  }

  /** What people may see of where a face comes from. */
  String shownSource(String source) {
    for (String prefix : prefixes.values()) {
      if (!prefix.isEmpty() && source.startsWith(prefix) && !source.contains("..")) {
        return source.substring(prefix.length()).replace('\\', '/');
      }
    }
    boolean isName =
        source.indexOf('/') > 0
            && !source.contains("..")
            && source.indexOf('\\') < 0
            && source.charAt(1) != ':';
    return isName
        ? source.substring(source.indexOf('/') + 1)
        : source.substring(Math.max(source.lastIndexOf('/'), source.lastIndexOf('\\')) + 1);
  }
}
