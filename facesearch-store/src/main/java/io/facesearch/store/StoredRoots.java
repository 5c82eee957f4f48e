package io.facesearch.store;

import io.facesearch.PhotoRoot;
import io.facesearch.index.internal.codec.CheckedWriter;
import java.net.URI;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where folders of photos lie, as bytes: an int32 count, and for each the name and the URI of the
 * folder, both UTF-8 with their length before them. A URI, unlike the text of a path, keeps names
 * that the locale has no characters for. Stateless.
 */
final class StoredRoots {
  private StoredRoots() {}

  static byte[] encode(Map<String, Path> roots) {
    List<byte[]> texts = new ArrayList<>();
    roots.forEach(
        (name, folder) -> {
          texts.add(CheckedWriter.encode(name));
          texts.add(CheckedWriter.encode(folder.toUri().toString()));
        });
    ByteBuffer out =
        ByteBuffer.allocate(4 + texts.stream().mapToInt(text -> 4 + text.length).sum());
    out.putInt(roots.size());
    texts.forEach(text -> out.putInt(text.length).put(text));
    return out.array();
  }

  /**
   * Reads them; leaves out folders of file systems that are not there.
   *
   * @throws IllegalArgumentException if these bytes are none
   */
  static List<PhotoRoot> decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    List<PhotoRoot> roots = new ArrayList<>();
    try {
      int count = in.getInt();
      for (int i = 0; i < count; i++) {
        String name = text(in);
        URI folder = URI.create(text(in));
        try {
          roots.add(PhotoRoot.of(name, Path.of(folder)));
        } catch (FileSystemNotFoundException e) {
          // of an archive or a disk that is not there now
        }
      }
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("it ends too soon", e);
    }
    if (in.hasRemaining()) {
      throw new IllegalArgumentException("it is " + in.remaining() + " bytes too long");
    }
    return roots;
  }

  private static String text(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException(
          "a text has " + length + " bytes where " + in.remaining() + " are left");
    }
    byte[] text = new byte[length];
    in.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
