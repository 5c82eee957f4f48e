package io.facesearch.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.FaceMatch;
import io.facesearch.Metric;
import io.facesearch.index.testing.People;
import io.facesearch.testing.FaceIndexContract;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That the tree agrees with the flat scan is tested elsewhere; here, that both are right. */
class CosineTest {
  private static FaceIndex index(boolean flat) {
    return flat
        ? new FlatIndex(Metric.COSINE)
        : SigmoidTreeIndex.builder().metric(Metric.COSINE).leafSize(4).build();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void distancesAreOneMinusTheCosine(boolean flat) {
    FaceIndex index = index(flat);
    Random random = new Random(3);
    List<EmbeddedFace> faces = new People(40, random).photos(3);
    index.addAll(faces);
    Embedding query = new People(1, random).query();
    List<FaceMatch> matches = index.search(query, 120).matches();
    for (FaceMatch match : matches) {
      EmbeddedFace face =
          faces.stream().filter(f -> f.face().equals(match.face())).findFirst().orElseThrow();
      assertThat(match.distance()).isCloseTo(1 - cosine(face.embedding(), query), within(1e-6));
    }
    assertThat(index.metric()).isEqualTo(Metric.COSINE);
  }

  private static double cosine(Embedding x, Embedding y) {
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.dimension(); i++) {
      xy += (double) x.get(i) * y.get(i);
      xx += (double) x.get(i) * x.get(i);
      yy += (double) y.get(i) * y.get(i);
    }
    return xy / Math.sqrt(xx * yy);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void lengthDoesNotMatter(boolean flat) {
    FaceIndex index = index(flat);
    index.add(FaceIndexContract.face("long", 3e30f, 0));
    index.add(FaceIndexContract.face("short", 0, 1e-40f));
    index.add(FaceIndexContract.face("back", -2, 0));
    List<FaceMatch> matches = index.search(FaceIndexContract.query(1e-3f, 0), 3).matches();
    assertThat(matches).extracting(m -> m.face().id()).containsExactly("long", "short", "back");
    for (int i = 0; i < 3; i++) {
      assertThat(matches.get(i).distance()).isCloseTo(i, within(1e-12));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void vectorsWithoutDirectionAreRefused(boolean flat) {
    FaceIndex index = index(flat);
    assertThatThrownBy(
            () ->
                index.addAll(
                    List.of(FaceIndexContract.face("a", 1, 0), FaceIndexContract.face("b", 0, 0))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"b\"");
    assertThat(index.size()).isZero();
    index.add(FaceIndexContract.face("a", 1, 0));
    assertThatThrownBy(() -> index.search(FaceIndexContract.query(0, 0), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("query");
  }
}
