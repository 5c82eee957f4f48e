package io.facesearch.internal;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A process with a native folder. Arguments: what to do, and a file that is "unpacked". */
final class NativeFolderTool {
  private NativeFolderTool() {}

  public static void main(String[] args) throws Exception {
    URL library = Path.of(args[1]).toUri().toURL();
    switch (args[0]) {
      case "hold" -> {
        System.out.println(unpack(library));
        Thread.sleep(Long.MAX_VALUE);
      }
      case "once" -> {
        Path target = Path.of(args[2]);
        NativeFolder.unpackOnce("it", Map.of("lib.so", library), target, "another");
        System.out.println(Files.size(target.resolve("lib.so")));
      }
      default -> System.out.println(unpack(library));
    }
  }

  private static Path unpack(URL library) throws IOException {
    Path file = NativeFolder.unpack("it", library, "lib.so");
    if (Files.size(file) == 0) {
      throw new IOException("empty");
    }
    return file;
  }
}
