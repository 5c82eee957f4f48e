package io.facesearch.internal.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/**
 * Tells photos from what lies beside them: a file is a photo if its name says so, or its first
 * bytes do, whatever its name. So a damaged {@code .jpg} is a broken photo, a JPEG called {@code
 * .txt} is a photo, and a text is none. Stateless.
 */
public final class PhotoKind {
  private static final Set<String> ENDINGS =
      Set.of(
          "jpg", "jpeg", "jpe", "jfif", "png", "apng", "gif", "bmp", "dib", "tif", "tiff", "webp",
          "heic", "heif", "hif", "avif", "jxl", "jp2", "j2k", "jpx", "tga", "dng", "cr2", "cr3",
          "nef", "arw", "orf", "rw2", "raf", "pef", "srw");

  private static final Set<String> BRANDS =
      Set.of("heic", "heix", "heim", "heis", "hevc", "mif1", "msf1", "avif", "avis");

  private static final int HEAD = 32;

  private PhotoKind() {}

  /** Whether a file is a photo; reads its beginning where its name does not tell. */
  public static boolean isPhoto(Path file, String name) throws IOException {
    int dot = name.lastIndexOf('.');
    if (dot >= 0 && ENDINGS.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT))) {
      return true;
    }
    byte[] head;
    try (InputStream in = Files.newInputStream(file)) {
      head = in.readNBytes(HEAD);
    }
    return head.length == HEAD && startsAsImage(new String(head, StandardCharsets.ISO_8859_1));
  }

  private static boolean startsAsImage(String head) {
    return head.startsWith("\u00ff\u00d8\u00ff")
        || head.startsWith("\u0089PNG\r\n\u001a\n")
        || head.startsWith("GIF87a")
        || head.startsWith("GIF89a")
        || head.startsWith("II*\0")
        || head.startsWith("MM\0*")
        || head.startsWith("II+\0")
        || head.startsWith("MM\0+")
        || head.startsWith("RIFF") && head.startsWith("WEBP", 8)
        || head.startsWith("ftyp", 4) && BRANDS.contains(head.substring(8, 12))
        || head.startsWith("BM") && head.startsWith("\0\0\0\0", 6) && head.startsWith("\0\0\0", 15);
  }
}
