package io.facesearch.embed;

import io.facesearch.internal.Sha256;
import java.security.MessageDigest;
import java.util.HexFormat;

/** SHA-256 of what determines the vectors of a model. */
final class Fingerprint {
  private Fingerprint() {}

  /** Of all parts in a row, as 64 hexadecimal digits. */
  static String of(byte[]... parts) {
    MessageDigest digest = Sha256.digest();
    for (byte[] part : parts) {
      digest.update(part);
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
