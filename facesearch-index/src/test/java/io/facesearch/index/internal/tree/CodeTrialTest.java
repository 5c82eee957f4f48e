package io.facesearch.index.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.index.internal.quantize.Packing;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which codes a tree chooses: a wrong choice gives right answers, several times more slowly. */
class CodeTrialTest {
  /**
   * Above 12.8 million coordinates 4 bits come into question: they halve what is read of 128
   * dimensions, and of 512 they leave so many vectors to their second codes that they lose.
   */
  @ParameterizedTest
  @Tag("slow")
  @CsvSource({"128, 90000, EIGHT_BITS", "128, 101000, FOUR_BITS", "512, 26000, EIGHT_BITS"})
  void takesFourBitsWhereTheyWin(int dimension, int count, Packing expected) {
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
    index.addAll(isotropic(dimension, count));
    assertThat(Objects.requireNonNull(chosen.get()).packing).isEqualTo(expected);
  }

  /** Unit vectors of two photos a person that vary as much in every direction. */
  private static List<EmbeddedFace> isotropic(int dimension, int count) {
    return new AbstractList<>() {
      @Override
      public EmbeddedFace get(int i) {
        Random person = new Random(i / 2);
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
