package io.facesearch.benchmarks;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceInfo;
import io.facesearch.FaceRecord;
import io.facesearch.PhotoTags;
import io.facesearch.store.FaceStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Makes a store of many faces of the default model without photos, to be served: {@code
 * LargeGallery STORE FACES STATISTICS}, the statistics being those of SFace's vectors. Each has a
 * name (20 faces a person), a folder (a year and a month), a day, a quality and a tag.
 */
public final class LargeGallery {
  private static final int SEED = 1;
  private static final int A_PERSON = 20;
  private static final int AT_ONCE = 10_000;

  private LargeGallery() {}

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws IOException if a file cannot be read or written
   */
  public static void main(String[] args) throws IOException {
    int count = Integer.parseInt(args[1]);
    FaceVectors vectors = FaceVectors.make(Path.of(args[2]), "face20-unit", count, 1, SEED);
    String model;
    try (FaceAnalyzer analyzer = FaceAnalyzer.open()) {
      model = analyzer.model().fingerprint();
    }
    Random random = new Random(SEED);
    try (FaceStore store = FaceStore.open(Path.of(args[0]))) {
      List<EmbeddedFace> some = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        LocalDate day = LocalDate.of(2015, 1, 1).plusDays(random.nextInt(3650));
        String source = "photos/" + day.getYear() + "/" + day.getMonthValue() + "/" + i + ".jpg";
        FaceInfo info =
            FaceInfo.nothing()
                .taken(day)
                .tag(PhotoTags.QUALITY, random.nextInt(101) / 100.0)
                .tag("camera", "camera " + random.nextInt(5));
        FaceRecord record =
            new FaceRecord(source + "#0", "Person " + i / A_PERSON, source, null, info.tags());
        some.add(new EmbeddedFace(record, Embedding.of(model, vectors.gallery()[i])));
        if (some.size() == AT_ONCE || i == count - 1) {
          store.addAll(some);
          some.clear();
        }
      }
    }
    System.out.println(count + " faces are in " + args[0] + " (seed " + SEED + ")");
  }
}
