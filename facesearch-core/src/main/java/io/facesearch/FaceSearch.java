package io.facesearch;

import io.facesearch.spi.DetectionProvider;
import io.facesearch.spi.IndexProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The pipeline from photos to matches: detect, find landmarks, align, embed, index, search.
 *
 * <pre>{@code
 * try (FaceSearch faces = FaceSearch.open()) {
 *   faces.addAll(Path.of("photos"));
 *   for (FaceMatch match : faces.search(FaceImage.read(Path.of("who.jpg")), 10).orThrow()) {
 *     System.out.println(match.face().id() + " " + match.distance());
 *   }
 * }
 * }</pre>
 *
 * <p>Thread-safe if its parts are, as those of facesearch are. Owns its detector, landmarker and
 * embedder: {@link #close} frees their native memory; the index stays usable.
 */
public final class FaceSearch implements AutoCloseable {
  private final FaceDetector detector;
  private final Optional<FaceLandmarker> landmarker;
  private final FaceAligner aligner;
  private final FaceEmbedder embedder;
  private final FaceIndex index;
  private final Identifier identifier;
  private final Builder settings;
  private volatile boolean closed;

  private FaceSearch(Builder b) {
    settings = b;
    detector = require(b.detector, "detector", "facesearch-detect");
    landmarker = Optional.ofNullable(b.landmarker);
    aligner = require(b.aligner, "aligner", "facesearch-detect");
    embedder = require(b.embedder, "embedder", "facesearch-model-sface");
    index = require(b.index, "index", "facesearch-index");
    identifier = new Identifier(index, b.falsePositiveIdentificationRate);
    index
        .model()
        .ifPresent(
            model -> {
              if (!model.equals(embedder.card().fingerprint())) {
                throw new ModelMismatchException(
                    "the index was built with the model "
                        + DefaultParts.describe(model)
                        + ", but the embedder is "
                        + embedder.card().name()
                        + " of fingerprint "
                        + embedder.card().fingerprint()
                        + "; open it with the model it was built with, bring its faces into an index"
                        + " of this model with reembed, or index the photos anew");
              }
            });
  }

  /**
   * Opens the default pipeline with an empty index in memory: YuNet, SFace and the tree index, from
   * the modules on the class or module path. Nothing is downloaded.
   *
   * @return the pipeline, to be closed by the caller
   * @throws NativeRuntimeException if a native library is missing or does not load
   * @throws FaceSearchException if a module is missing
   */
  public static FaceSearch open() {
    return builder().build();
  }

  /**
   * Opens the default pipeline on an existing index, with the model that the index was built with
   * if a module on the class or module path offers that.
   *
   * @param index the index
   * @return the pipeline, to be closed by the caller
   * @throws ModelMismatchException if the index belongs to another model
   */
  public static FaceSearch open(FaceIndex index) {
    return builder().index(index).build();
  }

  /**
   * Starts a builder. Parts that are not set are the default ones.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Finds the faces of a photo.
   *
   * @param image the photo
   * @return faces, surest first, with the landmarks that the model is aligned by
   */
  public List<DetectedFace> detect(FaceImage image) {
    return boxes(image).stream().map(face -> withLandmarks(image, face)).toList();
  }

  /** Those of {@link #detect}, with what landmarks the detector gives. */
  List<DetectedFace> boxes(FaceImage image) {
    ensureOpen();
    List<DetectedFace> faces = detector.detect(image);
    return settings.noLandmarks
        ? faces.stream().map(face -> face.withLandmarks(Landmarks.NONE)).toList()
        : faces;
  }

  private void ensureOpen() {
    if (closed) {
      throw new IllegalStateException("this FaceSearch is closed");
    }
  }

  DetectedFace withLandmarks(FaceImage image, DetectedFace face) {
    int scheme = embedder.card().input().scheme();
    if (landmarker.isEmpty() || suits(face.landmarks().count(), scheme)) {
      return face;
    }
    return face.withLandmarks(landmarker.get().locate(image, face));
  }

  /**
   * Finds the one face that is meant.
   *
   * @param image the photo
   * @return the face by the {@link FaceChoice} of this pipeline, or empty
   */
  public Optional<DetectedFace> detectOne(FaceImage image) {
    return settings.choice.choose(boxes(image), image).map(face -> withLandmarks(image, face));
  }

  /**
   * Cuts a face out of a photo the way the embedder wants it.
   *
   * @param image the photo
   * @param face a face of it
   * @return the aligned chip
   */
  public FaceImage align(FaceImage image, DetectedFace face) {
    return aligner.align(image, face, embedder.card().input());
  }

  /**
   * Embeds one face of a photo.
   *
   * @param image the photo
   * @param face a face of it, from {@link #detect}
   * @return its embedding
   */
  public Embedding embed(FaceImage image, DetectedFace face) {
    return embedAligned(align(image, face));
  }

  /**
   * Embeds a face that is aligned already. Photos must go through {@link #detect} and {@link
   * #embed} instead: an unaligned face gives a poor vector.
   *
   * @param chip an aligned face of the size that the model card demands
   * @return its embedding
   */
  public Embedding embedAligned(FaceImage chip) {
    ensureOpen();
    return embedder.embed(List.of(chip)).get(0);
  }

  /**
   * Embeds faces that are aligned already; several at once are faster than one by one.
   *
   * @param chips aligned faces of the size that the model card demands
   * @return one embedding a chip, in order
   */
  public List<Embedding> embedAligned(List<FaceImage> chips) {
    ensureOpen();
    return embedder.embed(chips);
  }

  /**
   * What tells whether a face is suited for recognition.
   *
   * @return {@link Builder#qualityCheck}
   */
  public QualityCheck qualityCheck() {
    return settings.qualityCheck;
  }

  /**
   * Searches by photo. If the photo has several faces, the one by {@link Builder#choice} is meant.
   *
   * @param image the photo
   * @param k how many matches, at least 1
   * @return the matches, or {@link PhotoMatches.NoFace}
   * @throws IllegalArgumentException if k is less than 1
   * @throws IllegalStateException after {@link #close}
   */
  public PhotoMatches search(FaceImage image, int k) {
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1, but is: " + k);
    }
    List<DetectedFace> faces = boxes(image);
    Optional<DetectedFace> chosen = settings.choice.choose(faces, image);
    if (chosen.isEmpty()) {
      return new PhotoMatches.NoFace(image.width(), image.height());
    }
    DetectedFace face = withLandmarks(image, chosen.get());
    FaceImage chip = align(image, face);
    Embedding embedding = embedAligned(chip);
    int both = Math.max(k, Identifier.NEAREST); // one search for the matches and the people
    SearchResult nearest = search(embedding, both);
    return new PhotoMatches.Found(
        face,
        faces.size() - 1,
        nearest.first(k),
        identifier.identify(embedding, nearest, both, pairs()),
        settings.qualityCheck.measure(image, face, chip));
  }

  /**
   * Tells whom each face of a photo shows, among the people of the index.
   *
   * @param image the photo
   * @return one a face, surest face first, in the order of {@link #detect}; empty without faces
   */
  public List<Identification> identify(FaceImage image) {
    List<DetectedFace> faces = detect(image);
    if (faces.isEmpty()) {
      return List.of();
    }
    List<FaceImage> chips = faces.stream().map(face -> align(image, face)).toList();
    return embedAligned(chips).stream().map(this::identify).toList();
  }

  /**
   * Tells whom a vector shows, among the people of the index. Costs a search for 100 faces (for up
   * to 25,600 where these are of fewer than 10 people) and reading up to 200 vectors of each of
   * their people.
   *
   * @param probe a vector of the same model
   * @return the people that may be meant, decided by {@link #galleryThreshold}
   */
  public Identification identify(Embedding probe) {
    return identifier.identify(probe, pairs());
  }

  /** A threshold of the caller's for two photos does not tell of strangers; the model's does. */
  private DecisionThreshold pairs() {
    DecisionThreshold own = threshold();
    Optional<StrangerRates> known = embedder.card().threshold().strangers();
    return own.strangers().isPresent() || known.isEmpty() ? own : own.withStrangers(known.get());
  }

  /**
   * The threshold of {@link #identify} and {@link #search(FaceImage, int)} as the index is now. It
   * falls as people are added, so that the share of strangers who get a name stays that of {@link
   * Builder#falsePositiveIdentificationRate}.
   *
   * @return {@link #threshold()} for the people of the index
   */
  public DecisionThreshold galleryThreshold() {
    return identifier.threshold(pairs());
  }

  /**
   * Searches by embedding.
   *
   * @param query a vector of the same model
   * @param k how many matches, at least 1
   * @return nearest first
   */
  public SearchResult search(Embedding query, int k) {
    return index.search(query, k);
  }

  /**
   * Searches by embedding.
   *
   * @param query a vector of the same model
   * @param request how many matches, how far, which faces, and how exactly
   * @return nearest first
   */
  public SearchResult search(Embedding query, Search request) {
    return index.search(query, request);
  }

  /**
   * Removes all faces of a person; see {@link FaceIndex#forget}.
   *
   * @param person whose faces
   * @return what was done
   */
  public ForgetReceipt forget(String person) {
    return index.forget(person);
  }

  /**
   * Tells whether two photos show one person, by {@link #threshold()}. Of several faces the one by
   * {@link Builder#choice} is compared; the answer counts the others.
   *
   * @param first a photo
   * @param second a photo
   * @return the comparison, or {@link Verification.NoFace}
   */
  public Verification verify(FaceImage first, FaceImage second) {
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
        threshold(),
        one,
        other,
        inFirst.size() - 1,
        inSecond.size() - 1);
  }

  /**
   * Adds the faces of one photo of a known person. At most one face gets the name: the only one;
   * among several the one that agrees with the faces of that name in the index, else the largest if
   * it is clearly the largest; else none. The others are added without a name, unless {@link
   * Builder#bystanders} is false.
   *
   * @param image the photo
   * @param source its name; the ids of its faces are {@code source#0}, {@code source#1}, ...
   * @param person whose photo it is
   * @return the faces added; empty if there are none
   * @throws DuplicateFaceException if the photo is in the index already
   */
  public List<EmbeddedFace> add(FaceImage image, String source, String person) {
    List<EmbeddedFace> faces = embed(image, source, Optional.of(person));
    List<EmbeddedFace> decided = new ArrayList<>();
    if (!faces.isEmpty()) {
      PersonLabels labels =
          new PersonLabels(
              index,
              threshold(),
              keepsBystanders(),
              new PersonLabels.Taker() {
                @Override
                public void take(PersonLabels.Labeled photo, List<EmbeddedFace> named) {
                  decided.addAll(named);
                }

                @Override
                public void flush() {
                  // One photo alone.
                }
              });
      labels.add(new PersonLabels.Labeled(Path.of(""), person, faces, Set.of()));
      labels.decide(person);
    }
    index.addAll(decided);
    return List.copyOf(decided);
  }

  /**
   * Adds the faces of one photo of nobody known.
   *
   * @param image the photo
   * @param source its name; the ids of its faces are {@code source#0}, {@code source#1}, ...
   * @return the faces added; empty if there are none
   * @throws DuplicateFaceException if the photo is in the index already
   */
  public List<EmbeddedFace> add(FaceImage image, String source) {
    List<EmbeddedFace> faces = embed(image, source, Optional.empty());
    index.addAll(faces);
    return faces;
  }

  private List<EmbeddedFace> embed(FaceImage image, String source, Optional<String> person) {
    return embedAll(List.of(prepare(image, person, Optional.empty(), source))).get(0);
  }

  /**
   * Adds all photos of a folder and its subfolders; see {@link #addAll(PhotoRoot,
   * IndexingListener)}.
   *
   * @param folder the folder, under its own name
   * @return what was done
   * @throws IOException if the folder cannot be listed
   */
  public IndexingReport addAll(Path folder) throws IOException {
    return addAll(folder, progress -> true);
  }

  /**
   * Adds all photos of a folder and its subfolders; see {@link #addAll(PhotoRoot,
   * IndexingListener)}.
   *
   * @param folder the folder, under its own name
   * @param listener is told the progress
   * @return what was done
   * @throws IOException if the folder cannot be listed
   */
  public IndexingReport addAll(Path folder, IndexingListener listener) throws IOException {
    return addAll(PhotoRoot.of(folder), listener);
  }

  /**
   * Adds all photos of a folder and its subfolders, on {@link Builder#threads} threads, and brings
   * the index up to date with them.
   *
   * <p>Photos are called by their names below the folder ({@link PhotoRoot}), so the folder may be
   * moved. A photo that the index holds is not read again unless its size or time changed; then its
   * bytes tell whether it was replaced. A photo that is known under a name that is gone was renamed
   * and keeps its faces. So a stopped run can be repeated. A folder in one that is known is a part
   * of that. Photos of an index of an older release, which called them by their paths, get their
   * names. Photos that are gone, and those that a broken file replaced, are counted, and keep their
   * faces until {@link #planPruning} and {@link #prune}.
   *
   * <p>The person is the name of the folder a photo lies in, if that is not {@code root} itself
   * (see {@link Builder#person}). In a photo of a person at most one face gets the name, as {@link
   * #add(FaceImage, String, String)} says; a photo with several faces waits for the other photos of
   * the person. {@link IndexingReport#crowded} lists them.
   *
   * <p>Each file is tried, and one that is broken is reported, never fatal. Hidden files, those of
   * other software (trash, thumbnails) and what is no photo are counted, and so are symbolic links
   * unless {@link Builder#followLinks} is set; the folder itself may be one. The order in the index
   * is the same whatever the number of threads. An interrupt stops the run like the listener's
   * {@code false}.
   *
   * @param root the folder and its name
   * @param listener is told the progress
   * @return what was done
   * @throws IOException if the folder is missing or cannot be listed
   * @throws FaceSearchException if the name belongs to another folder
   */
  public IndexingReport addAll(PhotoRoot root, IndexingListener listener) throws IOException {
    return FolderIndexing.run(this, root, listener);
  }

  /**
   * Finds the faces whose photo is not in its folder any more, or was replaced by a file that
   * cannot be read. Changes nothing. Costs listing the folder, and reading the photos that changed
   * since they were indexed.
   *
   * @param root a folder that was indexed, or one in it; it may be missing, which the plan warns of
   * @return what {@link #prune} would remove
   * @throws IOException if the folder cannot be listed
   * @throws FaceSearchException if the name belongs to another folder
   */
  public Pruning planPruning(PhotoRoot root) throws IOException {
    return Pruning.plan(index, root, settings.followLinks, settings.reader);
  }

  /**
   * Removes the faces of photos that are gone or broken; of those that changed since, they stay.
   *
   * @param plan from {@link #planPruning}
   * @return how many faces were removed
   * @throws FaceSearchException if the plan has a {@link Pruning#warning} and is not confirmed;
   *     nothing was removed then
   */
  public int prune(Pruning plan) {
    return plan.apply(index);
  }

  /**
   * Brings the faces of a gallery of another model into the index of this pipeline, with vectors of
   * its own model: ids, persons, sources, boxes, tags and stamps stay, and so do the folders of the
   * photos. The old gallery is not changed, and answers meanwhile.
   *
   * <p>Each photo is read once, on {@link Builder#threads} threads. An old face is the face that is
   * found now where it was: the boxes overlap by 0.3 at least (intersection over union), those that
   * overlap most are paired first, and no face is taken for two. A face whose photo is gone, broken
   * or another file than it was, or that is not found again, is reported as missing, never guessed.
   *
   * <p>Faces that the index has already are skipped, so a stopped or killed run can be repeated,
   * and a repeated run takes over what changed in the old gallery meanwhile, but for faces that
   * were removed there ({@link ReembeddingReport#others}). An interrupt stops the run like the
   * listener's {@code false}.
   *
   * @param old the faces, from {@link Reembedding#of}
   * @param listener is told the progress: photos, {@code noFace} those in which a face was not
   *     found again
   * @return what was done
   */
  public ReembeddingReport reembed(Reembedding old, IndexingListener listener) {
    return ReembeddingRun.run(this, old, listener);
  }

  /** A photo with its faces cut out, ready to embed. */
  record PreparedPhoto(
      String source,
      Optional<String> person,
      Optional<FileStamp> stamp,
      List<DetectedFace> faces,
      List<FaceImage> chips) {}

  PreparedPhoto prepare(
      FaceImage image, Optional<String> person, Optional<FileStamp> stamp, String source) {
    List<DetectedFace> faces =
        settings.allFaces || person.isPresent()
            ? detect(image)
            : detectOne(image).map(List::of).orElse(List.of());
    return new PreparedPhoto(
        source, person, stamp, faces, faces.stream().map(face -> align(image, face)).toList());
  }

  /** The faces of each photo, without names. */
  List<List<EmbeddedFace>> embedAll(List<PreparedPhoto> photos) {
    List<Embedding> embeddings =
        embedder.embed(photos.stream().flatMap(photo -> photo.chips().stream()).toList());
    List<List<EmbeddedFace>> result = new ArrayList<>(photos.size());
    int next = 0;
    for (PreparedPhoto photo : photos) {
      List<EmbeddedFace> faces = new ArrayList<>();
      for (int i = 0; i < photo.faces().size(); i++) {
        FaceRecord face =
            new FaceRecord(
                photo.source() + "#" + i,
                Optional.empty(),
                Optional.of(photo.source()),
                Optional.of(photo.faces().get(i).box()),
                Map.of(),
                photo.person(),
                photo.stamp());
        faces.add(new EmbeddedFace(face, embeddings.get(next++)));
      }
      result.add(faces);
    }
    return result;
  }

  FaceImageReader reader() {
    return settings.reader;
  }

  int threads() {
    return settings.threads;
  }

  boolean followsLinks() {
    return settings.followLinks;
  }

  /** Whether faces of others are kept in photos of a person. */
  boolean keepsBystanders() {
    return settings.allFaces && settings.bystanders;
  }

  Optional<String> personOf(Path relativeFile) {
    return settings.person.apply(relativeFile);
  }

  /**
   * The index.
   *
   * @return the index searched and filled
   */
  public FaceIndex index() {
    return index;
  }

  /**
   * The embedding model.
   *
   * @return its card
   */
  public ModelCard model() {
    return embedder.card();
  }

  /**
   * The threshold that decides whether two photos show one person.
   *
   * @return that of {@link Builder#threshold}, else that of the model card
   */
  public DecisionThreshold threshold() {
    return settings.threshold == null ? embedder.card().threshold() : settings.threshold;
  }

  /**
   * Names everything between a photo and its embedding: choice of the face, detector, landmarker,
   * aligner, model. Two pipelines of one configuration give one embedding, so that embeddings can
   * be kept and used again.
   *
   * @return empty if a part does not tell its configuration
   */
  public Optional<String> configuration() {
    Optional<String> landmarks =
        landmarker.isEmpty()
            ? Optional.of(settings.noLandmarks ? "left out" : "none")
            : landmarker.get().configuration();
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
    return "FaceSearch[" + index.size() + " faces, model " + embedder.card().name() + "]";
  }

  @Override
  public void close() {
    closed = true;
    try (embedder) {
      landmarker.ifPresent(FaceLandmarker::close);
    } finally {
      detector.close();
    }
  }

  private static <T> T require(T part, String what, String module) {
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

  /** Parts and settings of a {@link FaceSearch}. Not thread-safe. */
  public static final class Builder {
    private FaceDetector detector;
    private String detection;
    private FaceLandmarker landmarker;
    private boolean noLandmarks;
    private FaceAligner aligner;
    private FaceEmbedder embedder;
    private String modelName;
    private Path model;
    private FaceIndex index;
    private FaceImageReader reader = FaceImageReader.DEFAULT;
    private FaceChoice choice = FaceChoice.LARGEST;
    private boolean allFaces = true;
    private boolean bystanders = true;
    private boolean followLinks;
    private DecisionThreshold threshold;
    private double falsePositiveIdentificationRate = 0.01;
    private QualityCheck qualityCheck = QualityCheck.DEFAULT;
    private int threads = Runtime.getRuntime().availableProcessors();
    private Function<Path, Optional<String>> person =
        file -> Optional.ofNullable(file.getParent()).map(PhotoNames::of);

    private Builder() {}

    /**
     * Sets the detector.
     *
     * @param value owned by the pipeline from now on
     * @return this
     */
    public Builder detector(FaceDetector value) {
      detector = Objects.requireNonNull(value, "detector");
      detection = null;
      return this;
    }

    /**
     * Sets detector and aligner by the name of a chain: {@code yunet} (the default), {@code tiny},
     * {@code haar} (in facesearch-opencv).
     *
     * @param name a name of a {@link io.facesearch.spi.DetectionProvider}, looked up by {@link
     *     #build}
     * @return this
     */
    public Builder detector(String name) {
      detection = Objects.requireNonNull(name, "name");
      detector = null;
      return this;
    }

    /**
     * Sets the landmark network, used for faces to which the detector gives no landmarks, or fewer
     * than the model is aligned by.
     *
     * @param value owned by the pipeline from now on
     * @return this
     */
    public Builder landmarker(FaceLandmarker value) {
      landmarker = Objects.requireNonNull(value, "landmarker");
      noLandmarks = false;
      return this;
    }

    /**
     * Works without landmarks, also those of the detector: chips are boxes with a margin. Less
     * accurate.
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
     * @param value owned by the pipeline from now on
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
     * facesearch-model-sface-float), {@code dlib} (in facesearch-model-dlib).
     *
     * @param name a name of an {@link io.facesearch.spi.EmbedderProvider}, opened by {@link #build}
     * @return this
     */
    public Builder model(String name) {
      modelName = Objects.requireNonNull(name, "name");
      model = null;
      embedder = null;
      return this;
    }

    /**
     * Uses the embedding model of a file instead of the default one: with facesearch-embed a
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
     * Sets the index.
     *
     * @param value stays the caller's
     * @return this
     * @throws FaceSearchException if its metric is not {@link Metric#EUCLIDEAN}
     */
    public Builder index(FaceIndex value) {
      if (value.metric() != Metric.EUCLIDEAN) {
        throw new FaceSearchException(
            "thresholds are Euclidean distances, so the index must have Metric.EUCLIDEAN, but has "
                + value.metric()
                + "; make one with the default metric, or search this one without FaceSearch");
      }
      index = value;
      return this;
    }

    /**
     * Sets how image files are read, with their limits.
     *
     * @param value the reader
     * @return this
     */
    public Builder reader(FaceImageReader value) {
      reader = Objects.requireNonNull(value, "reader");
      return this;
    }

    /**
     * Which face of a photo is meant in {@code search} and {@code verify}; default {@link
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
     * Whether {@code add} and {@code addAll} take all faces of a photo (the default) or only one,
     * as for portraits: in a photo of a known person the one that gets the name, else the one by
     * {@link #choice}.
     *
     * @param value true for all
     * @return this
     */
    public Builder allFaces(boolean value) {
      allFaces = value;
      return this;
    }

    /**
     * Whether {@code add} and {@code addAll} keep the faces of others in a photo of a known person,
     * without a name (the default), so that a search finds everybody in the photo; or only the one
     * that gets the name.
     *
     * @param value true to keep them
     * @return this
     */
    public Builder bystanders(boolean value) {
      bystanders = value;
      return this;
    }

    /**
     * Whether {@code addAll} follows symbolic links in the folder; default false. Each folder and
     * file is taken once, so links may go round in circles.
     *
     * @param value true to follow them
     * @return this
     */
    public Builder followLinks(boolean value) {
      followLinks = value;
      return this;
    }

    /**
     * Sets the threshold of {@code verify}, and of {@code identify} and {@code search} by {@link
     * DecisionThreshold#forGallery}; default that of the model card.
     *
     * @param value calibrated for the model, such as by {@link DecisionThreshold#load}
     * @return this
     */
    public Builder threshold(DecisionThreshold value) {
      threshold = Objects.requireNonNull(value, "threshold");
      return this;
    }

    /**
     * Sets how many strangers may get a name in {@code identify} and {@code search}; default 0.01.
     * The less, the more people who are known get none.
     *
     * @param value share of strangers, greater than 0, less than 1
     * @return this
     */
    public Builder falsePositiveIdentificationRate(double value) {
      if (!(value > 0 && value < 1)) {
        throw new IllegalArgumentException(
            "falsePositiveIdentificationRate must be between 0 and 1 and neither of them, but is: "
                + value);
      }
      falsePositiveIdentificationRate = value;
      return this;
    }

    /**
     * Sets the limits by which faces are called ill suited; default {@link QualityCheck#DEFAULT}.
     *
     * @param value the check
     * @return this
     */
    public Builder qualityCheck(QualityCheck value) {
      qualityCheck = Objects.requireNonNull(value, "qualityCheck");
      return this;
    }

    /**
     * Threads of {@code addAll}; default the number of cores. Native libraries run single-threaded
     * beneath, so more threads than cores gain nothing.
     *
     * @param value 1 to 1,024
     * @return this
     */
    public Builder threads(int value) {
      if (value < 1 || value > 1024) {
        throw new IllegalArgumentException("threads must be between 1 and 1024, but is: " + value);
      }
      threads = value;
      return this;
    }

    /**
     * Tells whose photo a file is; default the name of its folder, as {@link PhotoRoot} writes it.
     *
     * @param value from the file's path, relative to the folder of the root; thread-safe
     * @return this
     */
    public Builder person(Function<Path, Optional<String>> value) {
      person = Objects.requireNonNull(value, "person");
      return this;
    }

    /**
     * Makes the pipeline. Parts that are not set are opened side by side. If no model was named and
     * the index holds faces, the model that it was built with is opened if a module offers it.
     *
     * @return the pipeline, to be closed by the caller
     * @throws NativeRuntimeException if a native library is missing or does not load
     * @throws FaceSearchException if a part is neither set nor offered by a module, or the file of
     *     the model is damaged
     * @throws UncheckedIOException if the file of the model cannot be read
     * @throws ModelMismatchException if the index belongs to another model
     */
    public FaceSearch build() {
      Builder b = new Builder();
      b.detector = detector;
      b.landmarker = landmarker;
      b.noLandmarks = noLandmarks;
      b.aligner = aligner;
      b.embedder = embedder;
      b.index = index;
      b.reader = reader;
      b.choice = choice;
      b.allFaces = allFaces;
      b.bystanders = bystanders;
      b.followLinks = followLinks;
      b.threshold = threshold;
      b.falsePositiveIdentificationRate = falsePositiveIdentificationRate;
      b.qualityCheck = qualityCheck;
      b.threads = threads;
      b.person = person;
      Opening<FaceEmbedder> opening = null;
      try {
        opening = b.embedder == null ? opening() : null;
        Optional<DetectionProvider> chain = DefaultParts.detection(detection);
        if (chain.isPresent()) {
          b.detector = b.detector == null ? chain.get().newDetector() : b.detector;
          b.aligner = b.aligner == null ? chain.get().newAligner() : b.aligner;
        }
        if (b.index == null) {
          b.index =
              DefaultParts.first(IndexProvider.class).map(IndexProvider::newIndex).orElse(null);
        }
        b.embedder = opening == null ? b.embedder : opening.get();
        if (chain.isPresent() && b.embedder != null && b.landmarker == null && !noLandmarks) {
          int scheme = b.embedder.card().input().scheme();
          if (!suits(b.detector.landmarks(), scheme)) {
            b.landmarker = DefaultParts.landmarker(chain.get()).orElse(null);
          }
        }
        return new FaceSearch(b);
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
    private Opening<FaceEmbedder> opening() {
      if (model != null) {
        Path file = model;
        return new Opening<>(() -> DefaultParts.fromFile(file));
      }
      Optional<String> made = index == null ? Optional.empty() : index.model();
      return DefaultParts.embedder(modelName, made).map(Opening::new).orElse(null);
    }

    /** Frees a part that this build made; a part of the caller stays the caller's. */
    private static void closeNew(AutoCloseable given, AutoCloseable part, RuntimeException why) {
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
