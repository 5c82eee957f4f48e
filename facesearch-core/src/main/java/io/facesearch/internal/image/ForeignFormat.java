package io.facesearch.internal.image;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Names well-known formats that are not read, and says how such a file becomes one that is. */
final class ForeignFormat {
  private static final String CONVERT =
      ": export it as JPEG, or convert it (magick FILE photo.jpg)";

  /** The settings of the phone, too, as the next photos will be like this one. */
  private static final String HEIC =
      ": convert it to JPEG (magick FILE.heic photo.jpg, heif-convert FILE.heic photo.jpg); phones "
          + "write JPEG with the camera format 'Most Compatible'";

  private ForeignFormat() {}

  /** "; it is ...: convert it ..."; empty for what is not known. */
  static String describe(byte[] file) {
    String found = remedy(file);
    return found.isEmpty() ? "" : "; it is " + found;
  }

  private static String remedy(byte[] file) {
    if (at(file, 4, "ftyp")) {
      return ofBrands(file);
    }
    if (at(file, 0, "\0\0\0\fJXL ") || at(file, 0, "\u00ff\n")) {
      return "JPEG XL" + CONVERT;
    }
    if (at(file, 0, "\0\0\0\fjP  ") || at(file, 0, "\u00ffO\u00ffQ")) {
      return "JPEG 2000" + CONVERT;
    }
    if (at(file, 0, "8BPS")) {
      return "a Photoshop document" + CONVERT;
    }
    if (at(file, 0, "IIRO")
        || at(file, 0, "IIRS")
        || at(file, 0, "MMOR")
        || at(file, 0, "IIU\0")
        || at(file, 0, "FUJIFILMCCD-RAW")) {
      return raw();
    }
    if (at(file, 0, "%PDF")) {
      return "a PDF: save its pictures as JPEG (pdfimages -j)";
    }
    if (at(file, 0, "%!PS") || at(file, 0, "\u00c5\u00d0\u00d3\u00c6")) {
      return "PostScript" + CONVERT;
    }
    if (at(file, 0, "\0\0\1\0")) {
      return "an icon" + CONVERT;
    }
    if (at(file, 0, "\u001aE\u00df\u00a3")
        || (at(file, 0, "RIFF") && at(file, 8, "AVI "))
        || at(file, 0, "\0\0\1\u00ba")) {
      return video();
    }
    if (at(file, 0, "PK\3\4") || at(file, 0, "\u001f\u008b")) {
      return "an archive: unpack it first";
    }
    return ofText(file);
  }

  private static String ofBrands(byte[] file) {
    String brand = new String(file, 8, Math.min(4, file.length - 8), StandardCharsets.ISO_8859_1);
    return switch (brand) {
      case "avif", "avis" -> "AVIF: convert it to JPEG (avifdec FILE.avif photo.jpg)";
      case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1" -> "HEIC or AVIF" + HEIC;
      case "crx " -> raw();
      default -> video();
    };
  }

  static String raw() {
    return "a camera's raw file: develop it to JPEG, or take out the JPEG that it holds (exiftool"
        + " -b -JpgFromRaw FILE)";
  }

  private static String video() {
    return "a video: save a frame of it as JPEG (ffmpeg -i FILE -frames:v 1 photo.jpg)";
  }

  private static String ofText(byte[] file) {
    String start =
        new String(file, 0, Math.min(512, file.length), StandardCharsets.ISO_8859_1)
            .toLowerCase(Locale.ROOT);
    if (!start.startsWith("<") && !start.startsWith("\u00ef\u00bb\u00bf<")) {
      return "";
    }
    if (start.contains("<svg")) {
      return "an SVG drawing" + CONVERT;
    }
    return start.contains("html")
        ? "a web page, perhaps an error message of the server that it was loaded from"
        : "a text of XML";
  }

  private static boolean at(byte[] file, int at, String latin1) {
    return EncodedImage.startsWith(file, at, latin1);
  }
}
