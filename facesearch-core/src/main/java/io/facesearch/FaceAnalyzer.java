package io.facesearch;

import io.facesearch.spi.DetectionProvider;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Does everything with the faces of a photo that needs no gallery: finds them and their landmarks,
 * cuts them out, measures their quality, and turns them into vectors.
 *
 * <pre>{@code
 * try (FaceAnalyzer analyzer = FaceAnalyzer.open()) {
 *   for (AnalyzedFace face : analyzer.analyze(FaceImage.read(Path.of("group.jpg")))) {
 *     System.out.println(face.box() + " " + face.quality().score() + " " + face.embedding());
 *   }
 * }
 * }</pre>
 *
 * <p>Thread-safe if its parts are; those of facesearch are. Owns its detector, landmarker and
 * embedder: {@link #close} frees their native memory.
 */
public final class FaceAnalyzer implements AutoCloseable {
  private final FaceDetector detector;
  private final @Nullable FaceLandmarker landmarker;
  private final FaceAligner aligner;
  private final FaceEmbedder embedder;
  private final Builder settings;
  private volatile boolean closed;

  private FaceAnalyzer(Builder b) {
    settings = b;
    detector = require(b.detector, "detector", "facesearch-detect");
    landmarker = b.landmarker;
    aligner = require(b.aligner, "aligner", "facesearch-detect");
    embedder = require(b.embedder, "embedder", "facesearch-model-sface");
  }

  /**
   * Opens an analyzer with the default parts, YuNet and SFace, from the class path or module path.
   * Nothing is downloaded.
   *
   * @return the analyzer, to be closed by the caller
   * @throws NativeRuntimeException if a native library is missing or does not load
   * @throws FaceSearchException if a module is missing
   */
  public static FaceAnalyzer open() {
    return builder().build();
  }

  /** {@return a new builder; parts that are not set have their defaults} */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Analyzes all faces of a photo, and embeds them in one batch.
   *
   * @param image the photo
   * @return the faces, most confident detection first; empty if there are none
   * @throws IllegalStateException after {@link #close}
   */
  public List<AnalyzedFace> analyze(FaceImage image) {
    return analyze(image, detect(image));
  }

  /**
   * Analyzes some faces of a photo, and embeds them in one batch.
   *
   * @param image the photo
   * @param faces faces of that photo, from {@link #detect}
   * @return one result per face, in the same order
   * @throws IllegalStateException after {@link #close}
   */
  public List<AnalyzedFace> analyze(FaceImage image, List<DetectedFace> faces) {
    List<FaceImage> chips = faces.stream().map(face -> align(image, face)).toList();
    List<Embedding> embeddings = chips.isEmpty() ? List.of() : embedAligned(chips);
    List<AnalyzedFace> analyzed = new ArrayList<>(chips.size());
    for (int i = 0; i < chips.size(); i++) {
      FaceQuality quality = settings.qualityCheck.measure(image, faces.get(i), chips.get(i));
      analyzed.add(new AnalyzedFace(faces.get(i), quality, chips.get(i), embeddings.get(i)));
    }
    return List.copyOf(analyzed);
  }

  /**
   * Finds the faces of a photo.
   *
   * @param image the photo
   * @return the faces, most confident first, with the landmarks that the model needs for alignment
   */
  public List<DetectedFace> detect(FaceImage image) {
    return boxes(image).stream().map(face -> withLandmarks(image, face)).toList();
  }

  /** The faces of {@link #detect}, with whatever landmarks the detector provides. */
  List<DetectedFace> boxes(FaceImage image) {
    ensureOpen();
    List<DetectedFace> faces = detector.detect(image);
    return settings.noLandmarks
        ? faces.stream().map(face -> face.withLandmarks(Landmarks.NONE)).toList()
        : faces;
  }

  private void ensureOpen() {
    if (closed) {
      throw new IllegalStateException("this FaceAnalyzer is closed");
    }
  }

  DetectedFace withLandmarks(FaceImage image, DetectedFace face) {
    int scheme = embedder.card().input().scheme();
    if (landmarker == null || suits(face.landmarks().count(), scheme)) {
      return face;
    }
    return face.withLandmarks(landmarker.locate(image, face));
  }

  /**
   * Finds one face of a photo, by the {@link FaceChoice} of this analyzer.
   *
   * @param image the photo
   * @return the face; empty if the photo has none
   */
  public Optional<DetectedFace> detectOne(FaceImage image) {
    return choose(boxes(image), image);
  }

  /** The chosen face, with the landmarks that the model needs for alignment. */
  Optional<DetectedFace> choose(List<DetectedFace> faces, FaceImage image) {
    return settings.choice.choose(faces, image).map(face -> withLandmarks(image, face));
  }

  /**
   * Cuts a face out of a photo in the way that the embedder expects.
   *
   * @param image the photo
   * @param face a face of that photo
   * @return the aligned chip
   */
  public FaceImage align(FaceImage image, DetectedFace face) {
    return aligner.align(image, face, embedder.card().input());
  }

  /**
   * Embeds one face of a photo.
   *
   * @param image the photo
   * @param face a face of that photo, from {@link #detect}
   * @return its embedding
   */
  public Embedding embed(FaceImage image, DetectedFace face) {
    return embedAligned(align(image, face));
  }

  /**
   * Embeds a face that is already aligned. Use {@link #detect} and {@link #embed} for photos: an
   * unaligned face gives a poor vector.
   *
   * @param chip an aligned face in the size that the model card requires
   * @return its embedding
   */
  public Embedding embedAligned(FaceImage chip) {
    ensureOpen();
    return embedder.embed(List.of(chip)).get(0);
  }

  /**
   * Embeds faces that are already aligned. One call for several faces is faster than one call each.
   *
   * @param chips aligned faces in the size that the model card requires
   * @return one embedding per chip, in the same order
   */
  public List<Embedding> embedAligned(List<FaceImage> chips) {
    ensureOpen();
    return embedder.embed(chips);
  }

  /** {@return the check that tells whether a face is good enough for recognition} */
  public QualityCheck qualityCheck() {
    return settings.qualityCheck;
  }

  /**
   * Decides by {@link #threshold()} whether two photos show the same person. In a photo with
   * several faces, {@link Builder#choice} picks the one to compare; the result counts the others.
   *
   * @param first a photo
   * @param second a photo
   * @return the comparison; {@link Verification.NoFace} if a photo has no face
   */
  public Verification verify(FaceImage first, FaceImage second) {
    return verify(first, second, threshold());
  }

  Verification verify(FaceImage first, FaceImage second, DecisionThreshold threshold) {
    List<DetectedFace> inFirst = boxes(first);
    List<DetectedFace> inSecond = boxes(second);
    Optional<DetectedFace> a = settings.choice.choose(inFirst, first);
    Optional<DetectedFace> b = settings.choice.choose(inSecond, second);
    if (a.isEmpty() || b.isEmpty()) {
      return new Verification.NoFace(a.isEmpty(), b.isEmpty());
    }
    DetectedFace one = withLandmarks(first, a.get());
    DetectedFace other = withLandmarks(second, b.get());
    List<Embedding> embeddings = embedder.embed(List.of(align(first, one), align(second, other)));
    return new Verification.Compared(
        embeddings.get(0).distanceTo(embeddings.get(1)),
        threshold,
        one,
        other,
        inFirst.size() - 1,
        inSecond.size() - 1);
  }

  FaceImageReader reader() {
    return settings.reader;
  }

  /** {@return the card of the embedding model} */
  public ModelCard model() {
    return embedder.card();
  }

  /**
   * {@return the threshold that decides whether two photos show the same person: that of {@link
   * Builder#threshold}, otherwise that of the model card}
   */
  public DecisionThreshold threshold() {
    return settings.threshold == null ? embedder.card().threshold() : settings.threshold;
  }

  /** Whether the threshold was set, rather than taken from the model. */
  boolean hasOwnThreshold() {
    return settings.threshold != null;
  }

  /**
   * Identifies everything between a photo and its embedding: choice of face, detector, landmarker,
   * aligner and model. Pipelines with equal configurations give equal embeddings, so embeddings can
   * be cached by it.
   *
   * @return one line; empty if a part does not report its configuration
   */
  public Optional<String> configuration() {
    Optional<String> landmarks =
        landmarker == null
            ? Optional.of(settings.noLandmarks ? "left out" : "none")
            : landmarker.configuration();
    if (detector.configuration().isEmpty()
        || landmarks.isEmpty()
        || aligner.configuration().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        String.join(
            "; ",
            "choice=" + settings.choice,
            "detector=" + detector.configuration().get(),
            "landmarks=" + landmarks.get(),
            "aligner=" + aligner.configuration().get(),
            "model=" + embedder.card().fingerprint()));
  }

  @Override
  public String toString() {
    return "FaceAnalyzer[model " + embedder.card().name() + "]";
  }

  @Override
  public void close() {
    closed = true;
    try (embedder) {
      if (landmarker != null) {
        landmarker.close();
      }
    } finally {
      detector.close();
    }
  }

  private static <T> T require(@Nullable T part, String what, String module) {
    if (part == null) {
      throw new FaceSearchException(
          "no "
              + what
              + " was given and none is on the class path; add the dependency io.facesearch:"
              + module
              + ", or io.facesearch:facesearch for everything");
    }
    return part;
  }

  /** Whether so many landmarks are what a template wants; 68 points hold 5. */
  private static boolean suits(int landmarks, int scheme) {
    return landmarks > 0 && landmarks >= scheme;
  }

  /** Parts and settings of a {@link FaceAnalyzer}. Not thread-safe. */
  public static final class Builder {
    private @Nullable FaceDetector detector;
    private @Nullable String detection;
    private @Nullable FaceLandmarker landmarker;
    private boolean noLandmarks;
    private @Nullable FaceAligner aligner;
    private @Nullable FaceEmbedder embedder;
    private @Nullable String modelName;
    private @Nullable Path model;
    private FaceImageReader reader = FaceImageReader.DEFAULT;
    private FaceChoice choice = FaceChoice.LARGEST;
    private @Nullable DecisionThreshold threshold;
    private QualityCheck qualityCheck = QualityCheck.DEFAULT;

    private Builder() {}

    /**
     * Sets the detector.
     *
     * @param value owned by the analyzer from now on
     * @return this
     */
    public Builder detector(FaceDetector value) {
      detector = Objects.requireNonNull(value, "detector");
      detection = null;
      return this;
    }

    /**
     * Sets detector and aligner by the name of a detection chain: {@code yunet} (the default),
     * {@code tiny}, or {@code haar} (in facesearch-opencv).
     *
     * @param name the name of a {@link io.facesearch.spi.DetectionProvider}, looked up by {@link
     *     #build}
     * @return this
     */
    public Builder detector(String name) {
      detection = Objects.requireNonNull(name, "name");
      detector = null;
      return this;
    }

    /**
     * Sets the landmark network. It is used for faces for which the detector provides no landmarks,
     * or fewer than the model needs for alignment.
     *
     * @param value owned by the analyzer from now on
     * @return this
     */
    public Builder landmarker(FaceLandmarker value) {
      landmarker = Objects.requireNonNull(value, "landmarker");
      noLandmarks = false;
      return this;
    }

    /**
     * Ignores landmarks, including those of the detector: chips are boxes with a margin. This is
     * less accurate.
     *
     * @return this
     */
    public Builder withoutLandmarks() {
      landmarker = null;
      noLandmarks = true;
      return this;
    }

    /**
     * Sets the aligner.
     *
     * @param value the aligner
     * @return this
     */
    public Builder aligner(FaceAligner value) {
      aligner = Objects.requireNonNull(value, "aligner");
      return this;
    }

    /**
     * Sets the embedding model.
     *
     * @param value owned by the analyzer from now on
     * @return this
     */
    public Builder embedder(FaceEmbedder value) {
      embedder = Objects.requireNonNull(value, "embedder");
      model = null;
      modelName = null;
      return this;
    }

    /**
     * Sets the embedding model by its name: {@code sface} (the default), {@code sface-float} (in
     * facesearch-model-sface-float), or {@code dlib} (in facesearch-model-dlib).
     *
     * @param name the name of an {@link io.facesearch.spi.EmbedderProvider}, opened by {@link
     *     #build}
     * @return this
     */
    public Builder model(String name) {
      modelName = Objects.requireNonNull(name, "name");
      model = null;
      embedder = null;
      return this;
    }

    /**
     * Sets the embedding model to one in a file. This needs facesearch-embed. The file is a
     * checkpoint, or an ONNX or TorchScript file with its description beside it.
     *
     * @param value the file, opened by {@link #build}
     * @return this
     */
    public Builder model(Path value) {
      model = Objects.requireNonNull(value, "model");
      modelName = null;
      embedder = null;
      return this;
    }

    /**
     * Sets the reader of image files, with its limits.
     *
     * @param value the reader
     * @return this
     */
    public Builder reader(FaceImageReader value) {
      reader = Objects.requireNonNull(value, "reader");
      return this;
    }

    /**
     * Sets which face of a photo is used where only one is wanted; default {@link
     * FaceChoice#LARGEST}.
     *
     * @param value the choice
     * @return this
     */
    public Builder choice(FaceChoice value) {
      choice = Objects.requireNonNull(value, "choice");
      return this;
    }

    /**
     * Sets the threshold of {@code verify}. A gallery derives its own from it by {@link
     * DecisionThreshold#forGallery}. The default is that of the model card.
     *
     * @param value calibrated for the model, for example loaded by {@link DecisionThreshold#load}
     * @return this
     */
    public Builder threshold(DecisionThreshold value) {
      threshold = Objects.requireNonNull(value, "threshold");
      return this;
    }

    /**
     * Sets the limits beyond which a face is not good enough for recognition; default {@link
     * QualityCheck#DEFAULT}.
     *
     * @param value the check
     * @return this
     */
    public Builder qualityCheck(QualityCheck value) {
      qualityCheck = Objects.requireNonNull(value, "qualityCheck");
      return this;
    }

    /**
     * Opens the analyzer. Default parts are opened in parallel.
     *
     * @return the analyzer, to be closed by the caller
     * @throws NativeRuntimeException if a native library is missing or does not load
     * @throws FaceSearchException if a part is neither set nor provided by a module, or the model
     *     file is damaged
     * @throws UncheckedIOException if the model file cannot be read
     */
    public FaceAnalyzer build() {
      return build(null);
    }

    /**
     * Opens the analyzer for an index: unless a model was named, the one that the index was built
     * with is opened, if a module provides it.
     *
     * @param madeBy fingerprint of the model of the index; null if the index is empty
     */
    FaceAnalyzer build(@Nullable String madeBy) {
      Builder b = new Builder();
      b.detector = detector;
      b.landmarker = landmarker;
      b.noLandmarks = noLandmarks;
      b.aligner = aligner;
      b.embedder = embedder;
      b.reader = reader;
      b.choice = choice;
      b.threshold = threshold;
      b.qualityCheck = qualityCheck;
      Opening<FaceEmbedder> opening = null;
      try {
        opening = b.embedder == null ? opening(madeBy) : null;
        Optional<DetectionProvider> chain = DefaultParts.detection(detection);
        if (chain.isPresent()) {
          if (b.detector == null) {
            b.detector = chain.get().newDetector();
          }
          b.aligner = b.aligner == null ? chain.get().newAligner() : b.aligner;
        }
        b.embedder = opening == null ? b.embedder : opening.get();
        FaceDetector found = b.detector;
        if (chain.isPresent()
            && found != null
            && b.embedder != null
            && b.landmarker == null
            && !noLandmarks) {
          int scheme = b.embedder.card().input().scheme();
          if (!suits(found.landmarks(), scheme)) {
            b.landmarker = DefaultParts.landmarker(chain.get()).orElse(null);
          }
        }
        return new FaceAnalyzer(b);
      } catch (RuntimeException e) {
        if (opening != null && b.embedder == null) {
          b.embedder = opening.getOrSuppress(e);
        }
        closeNew(detector, b.detector, e);
        closeNew(landmarker, b.landmarker, e);
        closeNew(embedder, b.embedder, e);
        throw e;
      }
    }

    /** The model on its way; null if no module offers any. */
    private @Nullable Opening<FaceEmbedder> opening(@Nullable String madeBy) {
      if (model != null) {
        Path file = model;
        return new Opening<>(() -> DefaultParts.fromFile(file));
      }
      return DefaultParts.embedder(modelName, madeBy).map(Opening::new).orElse(null);
    }

    /** Frees a part that this build made; a part of the caller stays the caller's. */
    private static void closeNew(
        @Nullable AutoCloseable given, @Nullable AutoCloseable part, RuntimeException why) {
      if (part != null && part != given) {
        try {
          part.close();
        } catch (Exception e) {
          why.addSuppressed(e);
        }
      }
    }
  }
}
