package io.facesearch.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.Embedding;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DefaultFaceEmbedderTest {
  private static DefaultFaceEmbedder embedder;

  @BeforeAll
  static void open() {
    embedder = DefaultFaceEmbedder.builder().threads(2).build();
  }

  @AfterAll
  static void close() {
    embedder.close();
  }

  @Test
  void equalsTheGoldenDescriptors() {
    for (int seed = 0; seed < 3; seed++) {
      Embedding embedding = embedder.embed(List.of(TestChips.chip(seed))).get(0);
      float[] golden = TestChips.golden(seed);
      assertThat(embedding.dimension()).isEqualTo(golden.length).isEqualTo(128);
      for (int i = 0; i < golden.length; i++) {
        assertThat(embedding.get(i)).isCloseTo(golden[i], within(2e-3f));
      }
    }
  }
}
