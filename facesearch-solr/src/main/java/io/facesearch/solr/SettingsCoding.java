package io.facesearch.solr;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Texts by name as bytes. */
final class SettingsCoding {
  private SettingsCoding() {}

  static byte[] encode(Map<String, String> settings) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(settings.size());
      for (Map.Entry<String, String> each : new TreeMap<>(settings).entrySet()) {
        for (String text : new String[] {each.getKey(), each.getValue()}) {
          byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
          out.writeInt(utf8.length);
          out.write(utf8);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  static Map<String, String> decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    Map<String, String> settings = new TreeMap<>();
    for (int i = in.getInt(); i > 0; i--) {
      String name = text(in);
      settings.put(name, text(in));
    }
    return settings;
  }

  private static String text(ByteBuffer in) {
    byte[] utf8 = new byte[in.getInt()];
    in.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
