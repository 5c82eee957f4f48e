package io.facesearch.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.facesearch.FaceImageReader;
import io.facesearch.Gallery;
import java.io.IOException;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Photos that clients send, and the faces in them. Thread-safe. */
final class Uploads {
  private final Gallery gallery;
  private final Limits limits;
  private final Metrics metrics;
  private final FaceImageReader reader;

  Uploads(Gallery gallery, Limits limits, Metrics metrics) {
    this.gallery = gallery;
    this.limits = limits;
    this.metrics = metrics;
    reader =
        FaceImageReader.builder().maxBytes(limits.uploadBytes()).maxPixels(limits.pixels()).build();
  }

  /** The photo that is the body. */
  PhotoFaces photo(Exchange exchange, boolean all, @Nullable Integer face) throws IOException {
    byte[] encoded = check(exchange.body(), exchange);
    PhotoFaces photo = PhotoFaces.of(gallery.analyzer(), reader, encoded, all, face);
    metrics.stage("read", photo.readMillis());
    metrics.stage("detect", photo.detectMillis());
    metrics.stage("embed", photo.embedMillis());
    return photo;
  }

  /** The largest face of a photo in JSON, which is in Base64, or a data: URL of it. */
  PhotoFaces photo(String text, String where, Exchange exchange) {
    byte[] bytes = check(base64(text, where), exchange);
    return PhotoFaces.of(gallery.analyzer(), reader, bytes, false, null);
  }

  /** The photo, if it may be decoded here and now. */
  private byte[] check(byte[] encoded, Exchange exchange) {
    if (encoded.length > 5 && new String(encoded, 0, 5, ISO_8859_1).equalsIgnoreCase("data:")) {
      throw new Problem(
          422,
          "image_unreadable",
          "this is a data: URL, not a photo; send the bytes that the Base64 after its comma stands"
              + " for, or send the URL as \"photo\" to /api/verify");
    }
    PhotoSize.check(encoded, exchange, limits.pixels());
    return encoded;
  }

  /** What Base64, or a data: URL of it, stands for. */
  private static byte[] base64(String text, String where) {
    int start = 0;
    if (text.regionMatches(true, 0, "data:", 0, 5)) {
      int comma = text.indexOf(',');
      if (comma < 0 || !text.substring(0, comma).toLowerCase(Locale.ROOT).endsWith(";base64")) {
        throw Problem.badRequest(
            "\"photo\" of \"" + where + "\" is a data: URL that is not in Base64");
      }
      start = comma + 1;
    }
    try {
      return Base64.getMimeDecoder().decode(text.substring(start));
    } catch (IllegalArgumentException e) {
      throw Problem.badRequest("\"photo\" of \"" + where + "\" is not Base64; see RFC 4648");
    }
  }
}
