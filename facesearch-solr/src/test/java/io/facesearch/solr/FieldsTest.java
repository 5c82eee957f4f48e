package io.facesearch.solr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.BoundingBox;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.TagValue;
import java.util.List;
import java.util.Map;
import org.apache.solr.common.SolrDocument;
import org.apache.solr.common.SolrInputDocument;
import org.junit.jupiter.api.Test;

class FieldsTest {
  /** What a change that failed puts back is what was there. */
  @Test
  void aDocumentIsAddedAgainAsItWas() {
    FaceRecord record =
        new FaceRecord(
            "s:1",
            "Ann",
            "photos/a.jpg",
            new BoundingBox(1, 2, 3, 4),
            Map.of("camera", TagValue.of("door"), "year", TagValue.of(2024)),
            "Bob",
            null);
    EmbeddedFace face = new EmbeddedFace(record, Embedding.of("m", 1, 2, 3));
    requireSame(Fields.face(face, 17));
    requireSame(Fields.other(Fields.photoId("f:1.jpg"), Fields.PHOTO, new byte[] {1, 2}));
    requireSame(Fields.other(Fields.settingId("people"), Fields.SETTING, new byte[] {3}));
  }

  @Test
  void textsThatSolrDoesNotIndexAreRefused() {
    String text = "\u4e2d".repeat(11_000);
    FaceRecord tagged = FaceRecord.of("a").withTag("t", text);
    for (FaceRecord record : List.of(tagged, FaceRecord.of(text), FaceRecord.of("a", text))) {
      assertThatThrownBy(() -> Fields.face(new EmbeddedFace(record, Embedding.of("m", 1)), 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("of the face \"", "at most 32000 bytes", "has 33000");
    }
  }

  /** The schema gives back these three only. */
  private static void requireSame(SolrInputDocument document) {
    SolrDocument read = new SolrDocument();
    for (String field : new String[] {Fields.ID, Fields.SEQ, Fields.DATA}) {
      read.setField(field, document.getFieldValue(field));
    }
    SolrInputDocument again = Fields.again(read);
    assertThat(again.getFieldNames()).containsExactlyInAnyOrderElementsOf(document.getFieldNames());
    for (String field : document.getFieldNames()) {
      assertThat(again.getFieldValue(field)).as(field).isEqualTo(document.getFieldValue(field));
    }
  }
}
