package io.facesearch.solr;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceRecord;
import io.facesearch.TagValue;
import io.facesearch.internal.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.solr.common.SolrDocument;
import org.apache.solr.common.SolrInputDocument;

/** The documents of a collection, as the schema of the configset has them. */
final class Fields {
  static final String ID = "id";
  static final String KIND = "kind";
  static final String SEQ = "seq";
  static final String PERSON = "person";
  static final String PHOTO_OF = "photoOf";
  static final String SOURCE = "source";
  static final String DATA = "data";
  static final String VECTOR = "vector";
  static final List<String> SUMS = List.of("sum0", "sum1", "sum2");

  static final String FACE = "face";
  static final String PHOTO = "photo";
  static final String SETTING = "setting";

  /** What Lucene indexes, less what is put before a text. */
  private static final int LONGEST = 32_000;

  /** Of an id that is too long, in a message. */
  private static final int SHOWN = 100;

  private Fields() {}

  /** Ids of faces, photos and settings are apart. */
  static String faceId(String id) {
    return "f:" + id;
  }

  static String photoId(String name) {
    return "p:" + name;
  }

  static String settingId(String name) {
    return "s:" + name;
  }

  /** Solr matches no empty text. */
  static String text(String value) {
    return "=" + value;
  }

  static String textTag(String name) {
    return "t_" + hex(name);
  }

  static String numberTag(String name) {
    return "n_" + hex(name);
  }

  /** Names of fields are letters and digits; those of tags are any text. */
  private static String hex(String name) {
    return HexFormat.of().formatHex(name.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The document of a face.
   *
   * @throws IllegalArgumentException if a text of it is longer than Solr indexes
   */
  static SolrInputDocument face(EmbeddedFace face, long seq) {
    FaceRecord record = face.face();
    String id = record.id();
    requireShort("the id", id, id);
    record.person().ifPresent(name -> requireShort("the name", name, id));
    record.photoOf().ifPresent(name -> requireShort("the name", name, id));
    record.source().ifPresent(name -> requireShort("the source", name, id));
    for (Map.Entry<String, TagValue> tag : record.tags().entrySet()) {
      requireShort("the name of a tag", tag.getKey(), id);
      if (tag.getValue() instanceof TagValue.Text some) {
        requireShort("a tag", some.value(), id);
      }
    }
    SolrInputDocument document = new SolrInputDocument();
    document.setField(ID, faceId(record.id()));
    document.setField(KIND, FACE);
    document.setField(SEQ, seq);
    record.person().ifPresent(name -> document.setField(PERSON, text(name)));
    record.photoOf().ifPresent(name -> document.setField(PHOTO_OF, text(name)));
    record.source().ifPresent(name -> document.setField(SOURCE, text(name)));
    for (Map.Entry<String, TagValue> tag : record.tags().entrySet()) {
      if (tag.getValue() instanceof TagValue.Numeric number) {
        document.setField(numberTag(tag.getKey()), number.value());
      } else if (tag.getValue() instanceof TagValue.Text some) {
        document.setField(textTag(tag.getKey()), text(some.value()));
      }
    }
    byte[] data = FaceCoding.encode(face);
    document.setField(DATA, data);
    sums(document, data);
    List<Float> vector = new ArrayList<>(face.embedding().dimension());
    for (int i = 0; i < face.embedding().dimension(); i++) {
      vector.add(face.embedding().get(i));
    }
    document.setField(VECTOR, vector);
    return document;
  }

  private static void requireShort(String what, String text, String id) {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > LONGEST) {
      throw new IllegalArgumentException(
          what
              + " of the face \""
              + (id.length() > SHOWN ? id.substring(0, SHOWN) + "..." : id)
              + "\" must have at most "
              + LONGEST
              + " bytes in UTF-8 on SolrCloud, but has "
              + bytes
              + "; shorten it; nothing was added");
    }
  }

  static SolrInputDocument other(String id, String kind, byte[] data) {
    SolrInputDocument document = new SolrInputDocument();
    document.setField(ID, id);
    document.setField(KIND, kind);
    document.setField(SEQ, System.currentTimeMillis());
    document.setField(DATA, data);
    sums(document, data);
    return document;
  }

  /** A document that was read, to be added as it was. */
  static SolrInputDocument again(SolrDocument document) {
    String id = SolrCluster.idOf(document);
    if (id.equals(faceId(id.substring(2)))) {
      FaceScan.Stored stored = FaceScan.read(document, "any"); // the model is not in it
      return face(stored.face(), stored.seq());
    }
    byte[] data = document.getFieldValue(DATA) instanceof byte[] bytes ? bytes : new byte[0];
    SolrInputDocument again =
        other(id, id.equals(settingId(id.substring(2))) ? SETTING : PHOTO, data);
    again.setField(SEQ, FaceScan.seq(document));
    return again;
  }

  /** Of 24 bits, so that doubles add up half a billion of them exactly. */
  private static void sums(SolrInputDocument document, byte[] data) {
    int[] parts = parts(data);
    for (int i = 0; i < parts.length; i++) {
      document.setField(SUMS.get(i), parts[i]);
    }
  }

  private static int[] parts(byte[] data) {
    MessageDigest digest = Sha256.digest();
    ByteBuffer hash = ByteBuffer.wrap(digest.digest(data));
    int[] parts = new int[SUMS.size()];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = hash.getInt() >>> 8;
    }
    return parts;
  }

  /**
   * Tells bytes from others, as {@link #sumOf(SolrDocument)} does of the document that has them.
   */
  static String sumOf(byte[] data) {
    return Arrays.stream(parts(data)).mapToObj(Integer::toString).collect(Collectors.joining(" "));
  }

  static String sumOf(SolrDocument document) {
    return SUMS.stream()
        .map(sum -> String.valueOf(document.getFieldValue(sum)))
        .collect(Collectors.joining(" "));
  }
}
