package io.facesearch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Names of files as texts that are the same on all platforms and in all locales. A name is its
 * UTF-8 in Unicode's form NFC, since macOS writes another; what is no UTF-8, a control character, a
 * backslash, and a percent sign that would look like an escape is escaped as {@code %E9}. So two
 * files of a folder never have one name. Stateless.
 *
 * <p>Java itself decodes names by the locale, and what it cannot decode becomes a question mark;
 * only the URI of a path tells the bytes.
 */
final class PhotoNames {
  private PhotoNames() {}

  /** The name of the last element of a path, which must have one. */
  static String of(Path file) {
    return escape(bytes(file), false);
  }

  /** The entries of a folder by their names; two names never fall together. */
  static Map<String, Path> list(Path folder) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
      stream.forEach(entries::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    Map<String, Path> byName = new TreeMap<>();
    List<Path> others = new ArrayList<>();
    for (Path entry : entries) {
      byte[] bytes = bytes(entry);
      String name = escape(bytes, false);
      if (Normalizer.isNormalized(decoded(bytes), Normalizer.Form.NFC)) {
        byName.put(name, entry);
      } else {
        others.add(entry);
      }
    }
    others.sort(null);
    for (Path entry : others) {
      byte[] bytes = bytes(entry);
      if (byName.putIfAbsent(escape(bytes, false), entry) != null) {
        byName.put(escape(bytes, true), entry);
      }
    }
    return byName;
  }

  private static String decoded(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte[] bytes(Path file) {
    Path last = file.getFileName();
    String name = last == null ? "" : last.toString();
    if (name.endsWith("/")) {
      name = name.substring(0, name.length() - 1); // a folder in a zip file
    }
    if (name.chars().allMatch(c -> c < 0x80)) {
      return name.getBytes(StandardCharsets.US_ASCII);
    }
    URI uri = file.toUri();
    String path = "file".equals(uri.getScheme()) ? uri.getRawPath() : null;
    if (path == null || !path.chars().allMatch(c -> c < 0x80)) {
      return utf8(name); // not of a system whose names are bytes
    }
    while (path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    return unescape(path.substring(path.lastIndexOf('/') + 1));
  }

  /** As UTF-8, also halves of surrogate pairs, which Windows allows in names. */
  private static byte[] utf8(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        out.write(0xe0 | c >> 12);
        out.write(0x80 | c >> 6 & 0x3f);
        out.write(0x80 | c & 0x3f);
      } else {
        out.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
      }
      i += Character.charCount(c);
    }
    return out.toByteArray();
  }

  /** The bytes of a text in which some are escaped. */
  private static byte[] unescape(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); ) {
      if (isEscape(text, i)) {
        out.write(HexFormat.fromHexDigits(text, i + 1, i + 3));
        i += 3;
      } else {
        int c = text.codePointAt(i);
        out.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
        i += Character.charCount(c);
      }
    }
    return out.toByteArray();
  }

  private static boolean isEscape(CharSequence text, int i) {
    return text.charAt(i) == '%'
        && i + 2 < text.length()
        && HexFormat.isHexDigit(text.charAt(i + 1))
        && HexFormat.isHexDigit(text.charAt(i + 2));
  }

  /** The name of these bytes; {@code all} also escapes all that is not ASCII. */
  private static String escape(byte[] bytes, boolean all) {
    StringBuilder out = new StringBuilder(bytes.length);
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer chars = CharBuffer.allocate(bytes.length + 1);
    while (true) {
      CoderResult result = decoder.decode(in, chars.clear(), true);
      appendText(out, chars.flip().toString(), all);
      if (!result.isError()) {
        return out.toString();
      }
      for (int i = 0; i < result.length(); i++) {
        appendByte(out, in.get());
      }
      decoder.reset();
    }
  }

  private static void appendText(StringBuilder out, String text, boolean all) {
    String normal = all ? text : Normalizer.normalize(text, Normalizer.Form.NFC);
    for (int i = 0; i < normal.length(); ) {
      int c = normal.codePointAt(i);
      boolean escaped =
          Character.isISOControl(c) || c == '\\' || c >= 0x80 && all || isEscape(normal, i);
      if (escaped) {
        for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
          appendByte(out, b);
        }
      } else {
        out.appendCodePoint(c);
      }
      i += Character.charCount(c);
    }
  }

  private static void appendByte(StringBuilder out, byte b) {
    out.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
  }

  /** The name that a path as a text of an older release leads to; separators become slashes. */
  static String ofText(String relative) {
    StringBuilder out = new StringBuilder();
    for (String element : relative.split("[/\\\\]", -1)) {
      if (!element.isEmpty()) {
        out.append(out.isEmpty() ? "" : "/").append(escape(utf8(element), false));
      }
    }
    return out.toString();
  }
}
