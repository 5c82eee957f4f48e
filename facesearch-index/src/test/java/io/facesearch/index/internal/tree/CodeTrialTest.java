package io.facesearch.index.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.index.internal.quantize.PackedCodes;
import io.facesearch.index.internal.quantize.Packing;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which codes a tree chooses: a wrong choice gives right answers, several times more slowly. */
class CodeTrialTest {
  /**
   * Above 12.8 million coordinates 4 bits come into question: they halve what is read, but among
   * vectors that vary as much in every direction they leave so many to their second codes that they
   * lose.
   */
  @ParameterizedTest
  @Tag("slow")
  @CsvSource({"128, 101000", "512, 26000"})
  void takesEightBitsWhereFourLeaveTooMany(int dimension, int count) {
    assertThat(chosen(faces(2, dimension, count)).packing).isEqualTo(Packing.EIGHT_BITS);
  }

  /**
   * A trial that found one person's photos only took codes of leading directions here, with which a
   * search for more than these photos took eight times as long.
   */
  @Test
  void manyPhotosOfAPersonDoNotHideHowFarStrangersAre() {
    assertThat(chosen(faces(20, 128, 8000)).blocks).isInstanceOf(PackedCodes.class);
  }

  private static QuantizedVectors chosen(List<EmbeddedFace> faces) {
    AtomicReference<QuantizedVectors> chosen = new AtomicReference<>();
    TreeIndex index =
        TreeIndex.builder()
            .approximate(false)
            .codeUse(
                tree -> {
                  QuantizedVectors codes = CodeUse.WHERE_USEFUL.codes(tree);
                  chosen.set(codes);
                  return codes;
                })
            .build();
    index.addAll(faces);
    return Objects.requireNonNull(chosen.get());
  }

  /** Unit vectors that vary as much in every direction. */
  private static List<EmbeddedFace> faces(int photos, int dimension, int count) {
    return new AbstractList<>() {
      @Override
      public EmbeddedFace get(int i) {
        Random person = new Random(i / photos);
        Random photo = new Random(1_000_003L * (i + 1));
        float[] vector = new float[dimension];
        double squares = 0;
        for (int j = 0; j < dimension; j++) {
          vector[j] = (float) (person.nextGaussian() + 0.6 * photo.nextGaussian());
          squares += vector[j] * vector[j];
        }
        for (int j = 0; j < dimension; j++) {
          vector[j] /= (float) Math.sqrt(squares);
        }
        return new EmbeddedFace(FaceRecord.of("f" + i), Embedding.of("m", vector));
      }

      @Override
      public int size() {
        return count;
      }
    };
  }
}
