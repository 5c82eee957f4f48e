import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.index.SigmoidTreeIndex;
import java.util.Random;

/** The index alone, for vectors that come from elsewhere; needs only facesearch-index. */
public class OwnVectors {
  public static void main(String[] args) {
    FaceIndex index = SigmoidTreeIndex.builder().build();
    Random random = new Random(42);
    for (int i = 0; i < 10_000; i++) {
      index.add(new EmbeddedFace(FaceRecord.of("face-" + i), vector(random)));
    }
    for (FaceMatch match : index.search(vector(random), 5)) {
      System.out.printf("%.3f %s%n", match.distance(), match.face().id());
    }
  }

  private static Embedding vector(Random random) {
    float[] values = new float[128];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Embedding.of("my-model", values);
  }
}
