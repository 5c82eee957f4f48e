package io.facesearch.train;

import io.facesearch.DecisionThreshold;
import io.facesearch.Embedding;
import io.facesearch.FaceImage;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.ModelFileEmbedder;
import io.facesearch.eval.Calibration;
import io.facesearch.eval.LabeledFace;
import io.facesearch.eval.RetrievalEvaluation;
import io.facesearch.internal.NativeFolder;
import io.facesearch.train.FaceDataset.Photo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The people of a data set in three disjoint parts, for training, validation and testing; created
 * by a {@link TrainingRecipe}. Immutable; thread-safe if its images are.
 */
public final class TrainingParts {
  /** Standard deviation of vectors over their length, below which distances are rounding errors. */
  private static final double LEAST_SPREAD = 1e-6;

  private static final int EMBEDDED_AT_ONCE = 64;

  private final FaceDataset dataset;
  private final IdentitySplit tested;
  private final IdentitySplit validated;
  private final LabeledImages images;
  private final long seed;

  private TrainingParts(
      FaceDataset dataset,
      IdentitySplit tested,
      IdentitySplit validated,
      LabeledImages images,
      long seed) {
    this.dataset = dataset;
    this.tested = tested;
    this.validated = validated;
    this.images = images;
    this.seed = seed;
  }

  static TrainingParts of(FaceDataset whole, double trainShare, double validationShare, long seed) {
    FaceDataset dataset = whole.withIdentitiesOf(2);
    IdentitySplit tested = IdentitySplit.of(dataset, trainShare, seed);
    IdentitySplit validated = IdentitySplit.of(tested.train(), 1 - validationShare, seed);
    return new TrainingParts(dataset, tested, validated, LabeledImages.of(dataset.photos()), seed);
  }

  /**
   * Returns a copy with other images of the same people in place of the photos, such as their
   * aligned faces.
   *
   * @param faces for example {@link FaceChips}; still owned by the caller
   * @return the same parts with these images
   */
  public TrainingParts withImages(LabeledImages faces) {
    return new TrainingParts(dataset, tested, validated, faces, seed);
  }

  /** {@return everybody with two or more photos} */
  public FaceDataset dataset() {
    return dataset;
  }

  /** {@return the people for training and validation} */
  public FaceDataset known() {
    return tested.train();
  }

  /** {@return the number of people for training} */
  public int people() {
    return validated.train().byIdentity().size();
  }

  /** {@return the images for training} */
  public LabeledImages train() {
    return images.subset(images.indicesOf(validated.train()));
  }

  /** {@return the images for choosing the best weights and calibrating the threshold} */
  public LabeledImages validation() {
    return images.subset(images.indicesOf(validated.test()));
  }

  /** {@return the images for testing, which training never uses} */
  public LabeledImages test() {
    return images.subset(images.indicesOf(tested.test()));
  }

  /**
   * Reads the teacher's vectors for a {@link Distillation}.
   *
   * @param chips the images of these parts
   * @return the teacher's vector of each image of {@link #train}
   * @throws IOException if they cannot be read
   */
  public float[][] teacherVectors(FaceChips chips) throws IOException {
    int[] which = chips.indicesOf(validated.train());
    float[][] vectors = new float[which.length][];
    for (int i = 0; i < which.length; i++) {
      vectors[i] = chips.vector(which[i]);
    }
    return vectors;
  }

  /**
   * Calibrates the threshold of a model on pairs of the validation people. Takes the time to embed
   * their images on the CPU.
   *
   * @param checkpoint the model
   * @param falseAcceptRate for example 0.001
   * @return the threshold
   * @throws IllegalArgumentException if there are too few people for the rate, or the network has
   *     collapsed and gives everybody the same vector
   * @throws IOException if images cannot be read
   */
  public DecisionThreshold calibrate(Checkpoint checkpoint, double falseAcceptRate)
      throws IOException {
    List<LabeledFace> faces = embed(checkpoint, validation());
    requireSpread(faces);
    return Calibration.ofFaces(faces, "validation people of " + dataset.name(), seed)
        .atFalseAcceptRate(falseAcceptRate);
  }

  /** Rates of a model that gives everybody one vector would look good, but mean nothing. */
  private static void requireSpread(List<LabeledFace> faces) {
    int n = faces.size();
    double[] sums = new double[faces.get(0).embedding().dimension()];
    double squares = 0;
    for (LabeledFace face : faces) {
      float[] vector = face.embedding().toArray();
      for (int j = 0; j < vector.length; j++) {
        sums[j] += vector[j];
        squares += (double) vector[j] * vector[j];
      }
    }
    double ofMean = 0;
    for (double sum : sums) {
      ofMean += sum * sum / n;
    }
    double spread = Math.sqrt(Math.max(0, 1 - ofMean / squares));
    if (!(spread >= LEAST_SPREAD)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the network has collapsed: the vectors of %d faces differ by %.2g of their length;"
                  + " train it longer, or at a lower rate",
              n,
              spread));
    }
  }

  /**
   * Measures retrieval among the test people. Takes the time to embed their images on the CPU.
   *
   * @param checkpoint the model
   * @return the result, measured as by {@code facesearch evaluate retrieval}
   * @throws IOException if images cannot be read
   * @throws InterruptedException if the thread is interrupted
   */
  public RetrievalEvaluation.Result evaluate(Checkpoint checkpoint)
      throws IOException, InterruptedException {
    Map<String, LabeledFace> byName = new HashMap<>();
    embed(checkpoint, test()).forEach(face -> byName.put(face.source(), face));
    IdentitySplit.Retrieval retrieval = tested.queryAndGallery(seed);
    return RetrievalEvaluation.of(RetrievalEvaluation.DEFAULT_KS, dataset.attributeNames())
        .run(faces(retrieval.queries(), byName), faces(retrieval.gallery(), byName));
  }

  private static List<LabeledFace> faces(List<Photo> photos, Map<String, LabeledFace> byName) {
    return photos.stream()
        .map(photo -> byName.get(photo.file().toString()))
        .filter(face -> face != null)
        .toList();
  }

  private List<LabeledFace> embed(Checkpoint checkpoint, LabeledImages part) throws IOException {
    Map<String, Photo> photos = new HashMap<>();
    dataset.photos().forEach(photo -> photos.put(photo.file().toString(), photo));
    Path file =
        Files.createTempFile(NativeFolder.path("the checkpoint"), "checkpoint-", ".safetensors");
    List<LabeledFace> faces = new ArrayList<>();
    try {
      checkpoint.write(file);
      try (ModelFileEmbedder embedder =
          ModelFileEmbedder.builder(file).device(ComputeDevice.cpu()).build()) {
        for (int from = 0; from < part.size(); from += EMBEDDED_AT_ONCE) {
          int end = Math.min(part.size(), from + EMBEDDED_AT_ONCE);
          List<FaceImage> chips = new ArrayList<>();
          for (int i = from; i < end; i++) {
            chips.add(checkpoint.preprocessing().resize(part.image(i)));
          }
          List<Embedding> vectors = embedder.embed(chips);
          for (int i = from; i < end; i++) {
            Photo photo = photos.get(part.name(i));
            faces.add(
                new LabeledFace(
                    part.name(i),
                    part.identity(i),
                    photo == null ? 0 : photo.attributes(),
                    vectors.get(i - from)));
          }
        }
      }
    } finally {
      Files.deleteIfExists(file);
    }
    return faces;
  }
}
