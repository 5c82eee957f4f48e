package io.facesearch.server;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Photos that name the people in them, as other programs write it. */
final class NamedPhotos {
  private NamedPhotos() {}

  /** A JPEG with XMP data in front of its other segments. */
  static byte[] with(byte[] jpeg, String xmp) {
    byte[] packet = ("http://ns.adobe.com/xap/1.0/\0" + xmp).getBytes(StandardCharsets.UTF_8);
    int length = packet.length + 2;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    out.writeBytes(new byte[] {(byte) 0xff, (byte) 0xe1, (byte) (length >> 8), (byte) length});
    out.writeBytes(packet);
    out.write(jpeg, 2, jpeg.length - 2);
    return out.toByteArray();
  }

  /** Regions of faces side by side: the names in order, an empty one for a face without. */
  static byte[] sideBySide(byte[] jpeg, String... names) {
    StringBuilder list = new StringBuilder();
    for (int i = 0; i < names.length; i++) {
      if (!names[i].isEmpty()) {
        list.append("<rdf:li><rdf:Description mwg-rs:Name='")
            .append(names[i])
            .append("' mwg-rs:Type='Face'><mwg-rs:Area stArea:x='")
            .append((i + 0.5) / names.length)
            .append("' stArea:y='0.5' stArea:w='")
            .append(0.6 / names.length)
            .append("' stArea:h='0.6'/></rdf:Description></rdf:li>");
      }
    }
    return with(
        jpeg,
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
            + " xmlns:mwg-rs='http://www.metadataworkinggroup.com/schemas/regions/'"
            + " xmlns:stArea='http://ns.adobe.com/xmp/sType/Area#'><rdf:Description>"
            + "<mwg-rs:Regions rdf:parseType='Resource'><mwg-rs:RegionList><rdf:Bag>"
            + list
            + "</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF>");
  }
}
