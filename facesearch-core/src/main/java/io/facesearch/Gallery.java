package io.facesearch;

import io.facesearch.spi.GalleryStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A collection of known faces and people. Add photos or vectors to it, then ask it who is in a
 * photo: each face gets a name, or is unsure, or is nobody's.
 *
 * <pre>{@code
 * try (Gallery gallery = Gallery.open(Path.of("faces"))) {
 *   gallery.addAll(PhotoSource.folder(Path.of("photos")));
 *   for (IdentifiedFace face : gallery.identify(FaceImage.read(Path.of("who.jpg")))) {
 *     System.out.println(face);
 *   }
 * }
 * }</pre>
 *
 * <p>A gallery is kept in a folder ({@link #open}), in memory ({@link #inMemory}), or in any {@link
 * GalleryStorage}. It owns everything that it opened or was given, except a shared analyzer, so one
 * {@link #close} frees everything. Thread-safe: any number of searches run concurrently with each
 * other and with writers; bulk runs take turns.
 *
 * <p>A face is compared with the mean of all faces of a person, not with single ones. The threshold
 * falls as people are added, so that the share of strangers who get a name stays the same; see
 * {@link Identification}.
 */
public final class Gallery implements AutoCloseable {
  /** Null if the gallery was opened without one. */
  private final @Nullable Model model;

  private final boolean ownsAnalyzer;
  private final GalleryStorage storage;

  /** The storage, guarded against what must not be changed. */
  private final GuardedIndex index;

  private final Identifier identifier;
  private final GalleryPeople people;
  private final double wantedRate;
  private final KeptPhotos.Deleted swept;

  /** Bulk runs take turns. */
  private final Object bulkLock = new Object();

  /** Guards what changes faces together with the crops of their photos. */
  private final Object cropLock = new Object();

  private final Set<IndexingJob> jobs = new LinkedHashSet<>();
  private volatile boolean closed;

  /**
   * What looks at photos and vectors.
   *
   * @param pairs decides about two photos
   * @param enrollment adds photos
   */
  private record Model(FaceAnalyzer analyzer, DecisionThreshold pairs, Enrollment enrollment) {}

  Gallery(
      @Nullable FaceAnalyzer analyzer,
      boolean ownsAnalyzer,
      GalleryStorage storage,
      @Nullable DecisionThreshold threshold,
      boolean readOnly,
      double rate,
      Enrollment.Settings settings,
      int threads) {
    this.ownsAnalyzer = ownsAnalyzer;
    this.storage = storage;
    index = new GuardedIndex(storage, readOnly);
    wantedRate = rate;
    identifier = new Identifier(index, rate);
    people = new GalleryPeople(index, storage);
    if (analyzer == null || threshold == null) {
      model = null;
    } else {
      ModelCard card = analyzer.model();
      model =
          new Model(
              analyzer,
              withStrangers(threshold, card),
              new Enrollment(analyzer, index, threshold, settings, threads));
      GalleryCalibration.of(storage.settings(), rate, card.fingerprint())
          .ifPresent(known -> identifier.setRate(known.effectiveRate()));
    }
    swept = readOnly ? new KeptPhotos.Deleted(0, List.of()) : storage.sweep();
  }

  /**
   * Opens the gallery in a folder, or creates one there. An existing gallery is opened with the
   * model that it was built with, a new one with the default model. Every change survives a crash
   * once its method has returned.
   *
   * @param folder created if it does not exist
   * @return the gallery, to be closed by the caller
   * @throws CorruptIndexException if a file is damaged
   * @throws IndexVersionException if a file has a version that this release does not read
   * @throws IndexLockedException if the gallery is already open, in this or another process
   * @throws ModelMismatchException if its model is not on the class path
   * @throws NativeRuntimeException if a native library is missing or does not load
   * @throws FaceSearchException if a module is missing
   * @throws IOException if a file cannot be read or written
   */
  public static Gallery open(Path folder) throws IOException {
    if (Files.isRegularFile(folder)) {
      throw new FaceSearchException(
          folder
              + " is a file, but a gallery is a folder; to search an index file, open it with"
              + " Gallery.builder().file(path)");
    }
    return builder().folder(folder).open();
  }

  /**
   * Creates a gallery in memory. Its content is lost when it is closed.
   *
   * @return the gallery, to be closed by the caller
   * @throws NativeRuntimeException if a native library is missing or does not load
   * @throws FaceSearchException if a module is missing
   */
  public static Gallery inMemory() {
    try {
      return builder().open();
    } catch (IOException e) {
      throw new UncheckedIOException("memory has no files", e);
    }
  }

  /** {@return a new builder; settings that are not set have their defaults} */
  public static GalleryBuilder builder() {
    return new GalleryBuilder();
  }

  private void ensureOpen() {
    if (closed) {
      throw new IllegalStateException("this gallery is closed");
    }
  }

  private Model model() {
    if (model == null) {
      throw new IllegalStateException(
          "this gallery was opened without a model, so it cannot use photos or vectors;"
              + " open it without GalleryBuilder.withoutModel()");
    }
    return model;
  }

  private void ensureWritable() {
    ensureOpen();
    index.requireWritable();
  }

  /**
   * Returns which crops were deleted when the gallery was opened, because no face refers to them:
   * they were left by a process that was killed.
   *
   * @return what was deleted, and what could not be
   */
  public KeptPhotos.Deleted swept() {
    return swept;
  }

  // Adding

  /**
   * Adds the faces of one photo. In a photo of a known person, at most one face gets the name. If
   * there are several, it is the one that matches the faces with that name in the gallery;
   * otherwise the largest, if it is clearly the largest; otherwise none. The other faces are added
   * without a name, unless {@link GalleryBuilder#bystanders} is false.
   *
   * @param photo the photo; the ids of its faces are {@code name#0}, {@code name#1}, ...
   * @return the faces that were added; empty if there are none
   * @throws DuplicateFaceException if the gallery already has a photo of that name
   * @throws ImageFormatException if it is not a readable image
   * @throws IOException if its bytes cannot be read
   */
  public List<EmbeddedFace> add(Photo photo) throws IOException {
    ensureWritable();
    Photo named = photo.file().flatMap(this::nameOf).map(name -> photo.named(name)).orElse(photo);
    PhotoFile file = photo.read(model().analyzer().reader());
    List<EmbeddedFace> faces =
        model()
            .enrollment()
            .embed(List.of(model().enrollment().prepare(file, photo.info(), named.name())))
            .get(0);
    List<EmbeddedFace> decided = new ArrayList<>();
    Optional<String> person = photo.info().person();
    if (faces.isEmpty() || person.isEmpty()) {
      decided.addAll(faces);
    } else {
      PersonLabels labels = model().enrollment().labels((labeled, some) -> decided.addAll(some));
      labels.add(new PersonLabels.Labeled(named.name(), person.get(), faces, Set.of()));
      labels.decide(person.get());
    }
    for (EmbeddedFace face : faces) {
      if (index.get(face.face().id()).isPresent()) {
        throw new DuplicateFaceException(
            "a photo called \""
                + named.name()
                + "\" is in the gallery already; give it another name");
      }
    }
    index.addAll(decided);
    return List.copyOf(decided);
  }

  /**
   * Adds one face of a photo, and stores a crop of the photo around it, without the photo's
   * metadata, so that it can be shown later.
   *
   * @param photo the photo
   * @param face a face of that photo, from {@link FaceAnalyzer#analyze(FaceImage)}
   * @param info whose face it is, and tags; an id is ignored
   * @return the record of the added face
   * @throws IndexWriteException if the crop cannot be written; nothing is added then
   */
  public FaceRecord addFace(FaceImage photo, AnalyzedFace face, FaceInfo info) {
    ensureWritable();
    FaceCrop crop = FaceCrop.of(photo, face.box());
    String source;
    try {
      source = storage.photos().add(crop.jpeg());
    } catch (IOException e) {
      throw new IndexWriteException("the photo of the face cannot be written", e);
    }
    FaceRecord record =
        new FaceRecord(
            source + "#0",
            info.person().orElse(null),
            source,
            crop.face(),
            PhotoTags.withQuality(info, face.quality()));
    try {
      synchronized (cropLock) {
        index.add(new EmbeddedFace(record, face.embedding()));
      }
    } catch (RuntimeException e) {
      storage.photos().delete(List.of(source));
      throw e;
    }
    return record;
  }

  /**
   * Adds a face by its vector.
   *
   * @param embedding from the model of this gallery
   * @param info whose face it is, tags, and its id; without an id, one is generated
   * @return the record of the added face
   * @throws IllegalArgumentException if the vector is all zeros
   * @throws DuplicateFaceException if the id is already in use
   * @throws ModelMismatchException if the vector is from another model
   */
  public FaceRecord add(Embedding embedding, FaceInfo info) {
    Objects.requireNonNull(embedding, "the vector is null; expected one of the gallery's model");
    Objects.requireNonNull(
        info, "info is null; use FaceInfo.nothing() if nothing is known" + " about the face");
    FaceRecord record =
        new FaceRecord(
            info.id().orElseGet(() -> "face:" + UUID.randomUUID()),
            info.person().orElse(null),
            null,
            null,
            info.tags());
    addFaces(List.of(new EmbeddedFace(record, embedding)));
    return record;
  }

  /**
   * Adds faces by their vectors: all of them, or none if any is rejected.
   *
   * @param faces records and vectors
   * @throws IllegalArgumentException if one is null, its id is longer than 10,000 characters or has
   *     control characters, or its vector is all zeros
   * @throws DuplicateFaceException if an id is already in use, or occurs twice in the list
   * @throws ModelMismatchException if a vector is from another model
   */
  public void addFaces(List<EmbeddedFace> faces) {
    ensureWritable();
    GivenFaces.check(faces);
    requireModel(faces);
    GivenFaces.checkVectors(faces);
    index.addAll(faces);
  }

  /**
   * Adds photos whose faces were embedded elsewhere, such as on a cluster. Names are assigned as by
   * {@link #addAll(PhotoSource)}: in a photo of a person ({@link FaceRecord#photoOf}) none of whose
   * faces has a name, at most one face gets it, and photos with several faces are decided after all
   * others in the list. Pass all photos of one person in the same call for that reason. Faces whose
   * ids the gallery already has are skipped, so a run that was stopped can be repeated; this costs
   * one lookup per face.
   *
   * @param faces all faces of each photo, with the photo's name as {@link FaceRecord#source}
   * @return what was done; photos count as files, but not as images read
   * @throws IllegalArgumentException if a face has no source, or is one that {@link #addFaces}
   *     rejects; nothing is added then
   * @throws DuplicateFaceException if an id occurs twice in the list
   * @throws ModelMismatchException if a vector is from another model; nothing is added then
   */
  public IndexingReport addEmbedded(List<EmbeddedFace> faces) {
    ensureWritable();
    GivenFaces.check(faces);
    requireModel(faces);
    GivenFaces.checkVectors(faces);
    synchronized (bulkLock) {
      ensureOpen();
      RunIndex run = index.beginRun();
      try {
        return EmbeddedIndexing.run(model().enrollment().on(run), faces);
      } finally {
        index.endRun(run);
      }
    }
  }

  /** An empty storage would accept any model, and then no photo could be searched. */
  private void requireModel(List<EmbeddedFace> faces) {
    String own = model().analyzer().model().fingerprint();
    int dimension = model().analyzer().model().dimension();
    for (EmbeddedFace face : faces) {
      if (face.embedding().dimension() != dimension) {
        throw new ModelMismatchException(
            "the vectors of this gallery have "
                + dimension
                + " numbers, but that of face \""
                + face.face().id()
                + "\" has "
                + face.embedding().dimension());
      }
      if (!face.embedding().model().equals(own)) {
        throw new ModelMismatchException(
            "the vectors of this gallery are of the model "
                + DefaultParts.describe(own)
                + ", but that of face \""
                + face.face().id()
                + "\" is "
                + DefaultParts.describe(face.embedding().model())
                + "; open the gallery with that model");
      }
    }
  }

  /**
   * Adds many photos; see {@link #addAll(PhotoSource, IndexingListener)}.
   *
   * @param photos a folder or a stream
   * @return what was done
   * @throws IOException if a folder cannot be listed
   */
  public IndexingReport addAll(PhotoSource photos) throws IOException {
    return addAll(photos, progress -> true);
  }

  /**
   * Adds many photos, on {@link GalleryBuilder#threads} threads. A photo that cannot be read is
   * reported and does not stop the run. The order in the gallery does not depend on the number of
   * threads. In a photo of a person at most one face gets the name, as in {@link #add(Photo)};
   * photos with several faces are decided after the other photos of the person, and {@link
   * IndexingReport#crowded} lists them. An interrupt stops the run, as does a listener that returns
   * {@code false}; a stopped run can be repeated, and continues where it stopped. Memory does not
   * grow with the number of photos, except for their names.
   *
   * <p>From a stream, photos that the gallery already has a face of are skipped, as is a second
   * photo with the same name. A photo of a person with several faces waits for others of the person
   * until the stream ends, pauses for a second, or 256 photos are waiting. Exceptions thrown by the
   * source of a photo are reported.
   *
   * <p>A folder brings the gallery up to date. Photos are named by their path below the folder
   * ({@link PhotoRoot}), so the folder may be moved. A photo that the gallery already has is read
   * again only if its size or modification time changed; its bytes then show whether it was
   * replaced. A photo known under a name that no longer exists was renamed and keeps its faces. A
   * subfolder of a known folder counts as part of it. Photos that are gone, or were replaced by an
   * unreadable file, are counted; they keep their faces until {@link #planPruning} and {@link
   * #prune}. The person is the name of the folder that contains the photo, unless that is the root
   * itself (see {@link FolderSource#person}). Hidden files, files of other software (trash,
   * thumbnails) and files that are not photos are skipped and counted, and so are symbolic links
   * unless {@link FolderSource#followLinks} is set; the folder itself may be a link.
   *
   * @param photos a folder or a stream
   * @param listener receives the progress
   * @return what was done
   * @throws IOException if a folder is missing or cannot be listed
   * @throws FaceSearchException if another known folder has the same name
   */
  public IndexingReport addAll(PhotoSource photos, IndexingListener listener) throws IOException {
    ensureWritable();
    IndexingListener guarded = progress -> listener.onProgress(progress) && !closed;
    synchronized (bulkLock) {
      ensureOpen();
      RunIndex run = index.beginRun();
      try {
        return photos instanceof FolderSource folder
            ? FolderIndexing.run(model().enrollment().on(run), folder, guarded)
            : StreamIndexing.run(
                model().enrollment().on(run), (PhotoSource.StreamSource) photos, guarded);
      } finally {
        index.endRun(run);
      }
    }
  }

  /**
   * Adds many photos on a thread of its own; see {@link #addAll(PhotoSource, IndexingListener)}.
   * Closing the gallery stops it.
   *
   * @param photos a folder or a stream
   * @return the job, for watching, awaiting or canceling the run
   */
  public IndexingJob start(PhotoSource photos) {
    ensureWritable();
    synchronized (jobs) {
      jobs.removeIf(IndexingJob::isDone);
      IndexingJob job = IndexingJob.start(listener -> addAll(photos, listener));
      jobs.add(job);
      return job;
    }
  }

  // Searching

  /**
   * Identifies each face in a photo.
   *
   * @param photo the photo
   * @return one result per face, most confident detection first; empty if there are no faces
   */
  public List<IdentifiedFace> identify(FaceImage photo) {
    return model().analyzer().analyze(photo).stream()
        .map(face -> new IdentifiedFace(face, identify(face.embedding())))
        .toList();
  }

  /**
   * Identifies a face by its vector. Costs a search for 100 faces (up to 25,600 if those belong to
   * fewer than 10 people) and reading up to 200 vectors of each person found.
   *
   * @param probe a vector from the same model
   * @return the candidates, decided by {@link #threshold}
   */
  public Identification identify(Embedding probe) {
    ensureOpen();
    return identifier.identify(probe, model().pairs());
  }

  /**
   * Searches by photo. If it has several faces, {@link FaceAnalyzer.Builder#choice} picks the one
   * to search for.
   *
   * @param photo the photo
   * @param request how many matches, within which distance, which faces, and how exactly
   * @return the matches; {@link PhotoMatches.NoFace} if the photo has no face
   */
  public PhotoMatches search(FaceImage photo, Search request) {
    ensureOpen();
    List<DetectedFace> faces = model().analyzer().boxes(photo);
    Optional<DetectedFace> chosen = model().analyzer().choose(faces, photo);
    if (chosen.isEmpty()) {
      return new PhotoMatches.NoFace(photo.width(), photo.height());
    }
    AnalyzedFace face = model().analyzer().analyze(photo, List.of(chosen.get())).get(0);
    Embedding probe = face.embedding();
    SearchResult result;
    Identification who;
    if (Identifier.answers(request)) {
      int both = Math.max(request.k(), Identifier.NEAREST); // one search for matches and people
      SearchResult nearest = index.search(probe, both);
      result = nearest.first(request.k());
      who = identifier.identify(probe, nearest, both, model().pairs());
    } else {
      result = index.search(probe, request);
      who = identify(probe);
    }
    return new PhotoMatches.Found(face, faces.size() - 1, result, who);
  }

  /**
   * Searches by vector.
   *
   * @param probe a vector from the same model
   * @param request how many matches, within which distance, which faces, and how exactly
   * @return the matches, nearest first
   */
  public SearchResult search(Embedding probe, Search request) {
    ensureOpen();
    return index.search(probe, request);
  }

  /**
   * Searches for faces like one in the gallery. The result does not include that face itself.
   *
   * @param faceId the id of that face
   * @param request how many matches, within which distance, which faces, and how exactly
   * @return the matches, nearest first
   * @throws UnknownFaceException if no face has that id
   */
  public SearchResult search(String faceId, Search request) {
    ensureOpen();
    return index.search(faceId, request);
  }

  /**
   * Searches by several vectors, which may be faster than one at a time.
   *
   * @param probes vectors from the same model
   * @param request for each vector: how many matches, within which distance, which faces, and how
   *     exactly
   * @return one result per vector, in the same order
   */
  public List<SearchResult> searchAll(List<Embedding> probes, Search request) {
    ensureOpen();
    return index.searchAll(probes, request);
  }

  /**
   * Decides whether a photo shows a certain person. If it has several faces, {@link
   * FaceAnalyzer.Builder#choice} picks the one to compare; to look for somebody in a group photo,
   * use {@link #identify}.
   *
   * @param photo the photo
   * @param person a name in the gallery
   * @return the comparison; {@link PersonVerification.NoFace} if the photo has no face
   * @throws UnknownPersonException if no face in the gallery has that name
   */
  public PersonVerification verify(FaceImage photo, String person) {
    ensureOpen();
    if (index.faces(person).isEmpty()) {
      throw new UnknownPersonException(
          "nobody in the gallery is called \"" + person + "\"; add photos of that person first");
    }
    List<DetectedFace> faces = model().analyzer().boxes(photo);
    Optional<DetectedFace> chosen = model().analyzer().choose(faces, photo);
    if (chosen.isEmpty()) {
      return new PersonVerification.NoFace(photo.width(), photo.height());
    }
    AnalyzedFace face = model().analyzer().analyze(photo, List.of(chosen.get())).get(0);
    return identifier.verify(face, faces.size() - 1, person, model().pairs());
  }

  /** A threshold that the caller set for two photos has no rates of strangers; the model's has. */
  private static DecisionThreshold withStrangers(DecisionThreshold own, ModelCard model) {
    Optional<StrangerRates> known = model.threshold().strangers();
    return own.strangers().isPresent() || known.isEmpty() ? own : own.withStrangers(known.get());
  }

  /**
   * Decides by {@link #pairThreshold} whether two photos show the same person.
   *
   * @param first a photo
   * @param second a photo
   * @return the comparison; {@link Verification.NoFace} if a photo has no face
   */
  public Verification verify(FaceImage first, FaceImage second) {
    return model().analyzer().verify(first, second, pairThreshold());
  }

  /**
   * Returns the threshold that decides whether two photos show the same person.
   *
   * @return the analyzer's, if it was set; otherwise the one calibrated for this gallery; otherwise
   *     the model's
   */
  public DecisionThreshold pairThreshold() {
    return model().enrollment().threshold();
  }

  /**
   * Returns the current threshold of {@link #identify}. It falls as people are added, so that the
   * share of strangers who get a name stays at {@link
   * GalleryBuilder#falsePositiveIdentificationRate}.
   *
   * @return the threshold; {@link DecisionThreshold#gallerySize()} is the number of people
   */
  public DecisionThreshold threshold() {
    return identifier.threshold(model().pairs());
  }

  /**
   * Measures on the faces of this gallery how often a stranger would get a name, and sets the
   * threshold of {@link #identify} accordingly. Each person in turn is treated as a stranger to all
   * others. The result is stored with the gallery. Costs comparing up to 2,000 faces with the means
   * of all people.
   *
   * @return what was measured
   * @throws FaceSearchException if there are too few faces with a name (fewer than 5 divided by the
   *     rate, 500 at a rate of 0.01), if different people have the same photos, or if the model has
   *     no {@link StrangerRates}
   */
  public GalleryCalibration calibrate() {
    ensureWritable();
    GalleryCalibration done = GalleryCalibration.measure(index, model().pairs(), wantedRate);
    Map<String, String> settings = new HashMap<>(storage.settings());
    done.put(settings, model().analyzer().model().fingerprint());
    storage.setSettings(settings);
    identifier.setRate(done.effectiveRate());
    return done;
  }

  // People

  /**
   * Groups all faces into people: faces with a name by their name, the others by distance. The
   * first call costs one search per face; later calls, one per new face.
   *
   * @return the people, those with the most faces first
   */
  public List<Person> people() {
    ensureOpen();
    return storage.people();
  }

  /**
   * Lists all names, without grouping the faces that have none. After a change, it goes through all
   * faces.
   *
   * @return the people with a name, sorted by name
   */
  public List<NamedPerson> names() {
    ensureOpen();
    return people.names(version());
  }

  /**
   * Merges two people permanently. If one of them has a name, the merged person has it.
   *
   * @param first id of a {@link Person}
   * @param second id of another
   * @return the merged person
   * @throws IllegalArgumentException if an id is unknown, or both people have names
   */
  public Person merge(String first, String second) {
    ensureWritable();
    return people.merge(first, second);
  }

  /**
   * Splits some faces off from a person permanently; they become a new person.
   *
   * @param person id of a {@link Person}
   * @param faceIds some but not all faces of that person, all without a name in their record
   * @return the new person
   * @throws IllegalArgumentException if the id is unknown, or the faces do not meet these
   *     conditions
   */
  public Person split(String person, Collection<String> faceIds) {
    ensureWritable();
    return people.split(person, faceIds);
  }

  /**
   * Keeps two people apart permanently: they are not grouped as one, and {@link #similar} does not
   * suggest them, unless they are merged.
   *
   * @param first id of a {@link Person}
   * @param second id of another
   * @throws IllegalArgumentException if an id is unknown, or both ids are of the same person
   */
  public void keepApart(String first, String second) {
    ensureWritable();
    people.keepApart(first, second);
  }

  /**
   * Finds people who may be the same as a given one: their faces are slightly farther from that
   * person's faces than faces of one person usually are. People with a different name, and people
   * who are kept apart from that person, are left out. Costs up to eight searches, plus those of
   * {@link #people}.
   *
   * @param person id of a {@link Person}
   * @return the people, nearest first
   * @throws IllegalArgumentException if the id is unknown
   */
  public List<Person> similar(String person) {
    ensureOpen();
    return storage.similar(person);
  }

  /**
   * Lists the faces of a person, doubtful ones first: faces that do not have the person's name come
   * first, then those that do, each group farthest first. Costs reading the vectors of the person.
   *
   * @param person one of {@link #people}
   * @return the faces that still exist, with their L2 distance to the mean of the person's faces
   *     (of those with the name, if the person has one); all vectors and the mean are normalized to
   *     unit length
   */
  public List<FaceMatch> faces(Person person) {
    ensureOpen();
    return people.faces(person);
  }

  /**
   * Lists the faces in the same photo as a face, including that face. Goes through all faces.
   *
   * @param face a face of this gallery
   * @return the faces in insertion order; only the given face if its photo is unknown
   */
  public List<FaceRecord> inPhotoOf(FaceRecord face) {
    ensureOpen();
    if (face.source().isEmpty()) {
      return List.of(face);
    }
    return index.faces().stream()
        .map(EmbeddedFace::face)
        .filter(other -> other.source().equals(face.source()))
        .toList();
  }

  /**
   * Declares permanently that faces are not of a person, whether they have its name or were grouped
   * with it: they lose the name and become a person of their own. Costs as much as {@link #people}.
   *
   * @param person id of a {@link Person}
   * @param faceIds ids of faces of that person
   * @return the person that the faces now form; it has the same id if they were all of the person's
   *     faces
   * @throws UnknownFaceException if no face has one of the ids; nothing is changed then
   * @throws IllegalArgumentException if the id of the person is unknown, or a face is not of that
   *     person; nothing is changed then
   */
  public Person reject(String person, Collection<String> faceIds) {
    ensureWritable();
    return people.reject(person, faceIds);
  }

  /**
   * Records the names of some faces and the grouping of all faces, so that a correction can be
   * undone.
   *
   * @param faceIds ids of the faces that will be corrected; unknown ids are ignored
   * @return a snapshot for {@link #restore}; it holds ids and names, but no vectors
   */
  public PeopleSnapshot snapshot(Collection<String> faceIds) {
    ensureOpen();
    return people.snapshot(faceIds);
  }

  /**
   * Undoes corrections: the faces of a snapshot get back the names that they had, and all faces are
   * grouped as they were, which also undoes other corrections of the grouping made since. Faces
   * that were removed since stay removed; faces that were added since are grouped by the next call
   * of {@link #people}.
   *
   * @param snapshot from {@link #snapshot} of this gallery
   */
  public void restore(PeopleSnapshot snapshot) {
    ensureWritable();
    people.restore(snapshot);
  }

  /**
   * Renames a person, in all faces and photos at once. If somebody already has the new name, both
   * become one person.
   *
   * @param person the current name
   * @param newName the new name: one line of text, not empty
   * @return how many faces had the old name
   * @throws IllegalArgumentException if the new name is blank or has control characters, unless
   *     somebody already has it
   * @throws UnknownPersonException if no face has the old name
   */
  public int rename(String person, String newName) {
    ensureWritable();
    return people.rename(person, newName);
  }

  /**
   * Gives faces a name: all of them, or none if one is unknown. Use it to name a person, or to
   * correct faces.
   *
   * @param faceIds ids of faces in the gallery
   * @param person the name: one line of text, not empty
   * @throws UnknownFaceException if no face has one of the ids; nothing is changed then
   * @throws IllegalArgumentException if the name is blank or has control characters, unless
   *     somebody already has it
   */
  public void name(Collection<String> faceIds, String person) {
    ensureWritable();
    people.name(faceIds, person);
  }

  /**
   * Removes the name from faces: from all of them, or none if one is unknown.
   *
   * @param faceIds ids of faces in the gallery
   * @throws UnknownFaceException if no face has one of the ids; nothing is changed then
   */
  public void unname(Collection<String> faceIds) {
    ensureWritable();
    people.unname(faceIds);
  }

  /**
   * Removes all faces of a person, and faces without a name in photos of that person, with every
   * trace of them in the gallery: afterwards none of its arrays or files holds their vectors,
   * records or crops. A bulk run in progress does not bring them back; one started later does, if
   * it finds photos of the person. Costs as much as rewriting the gallery.
   *
   * @param person the name
   * @return what was done, and which files of the person remain in the folders of photos
   */
  public Forgotten forget(String person) {
    ensureWritable();
    synchronized (cropLock) {
      return index.forgetting(person, () -> storage.erase(person));
    }
  }

  /**
   * Removes all faces that are grouped as a person, and all faces with its name; see {@link
   * #forget(String)}.
   *
   * @param person one of {@link #people}
   * @return what was done
   */
  public Forgotten forget(Person person) {
    ensureWritable();
    synchronized (cropLock) {
      return index.forgetting(person.name().orElse(null), () -> storage.erase(person));
    }
  }

  // Keeping

  /**
   * Finds the faces whose photo is no longer in its folder, or was replaced by a file that cannot
   * be read. Changes nothing. Costs listing the folder, and reading the photos that changed since
   * they were indexed.
   *
   * @param folder an indexed folder, or a folder in one; if it does not exist, the plan has a
   *     warning
   * @return what {@link #prune} would remove
   * @throws IOException if the folder cannot be listed
   * @throws FaceSearchException if another known folder has the same name
   */
  public Pruning planPruning(FolderSource folder) throws IOException {
    ensureOpen();
    FaceImageReader reader = model == null ? FaceImageReader.DEFAULT : model.analyzer().reader();
    return Pruning.plan(index, folder, reader);
  }

  /**
   * Removes the faces of photos that are gone or unreadable, except of photos that have changed
   * since the plan was made.
   *
   * @param plan from {@link #planPruning}
   * @return how many faces were removed
   * @throws FaceSearchException if the plan has a {@link Pruning#warning} and is not confirmed;
   *     nothing is removed then
   */
  public int prune(Pruning plan) {
    ensureWritable();
    return plan.apply(index);
  }

  /**
   * Copies the faces of a gallery built with another model into this one, computing new vectors
   * from the photos. Ids, names, sources, boxes, tags and file stamps stay the same, and so do the
   * folders of photos. The old gallery is not changed and can be used meanwhile.
   *
   * <p>Each photo is read once, on {@link GalleryBuilder#threads} threads. An old face is matched
   * with the face now found in the same place: the boxes must overlap by at least 0.3 (intersection
   * over union), pairs that overlap most are matched first, and no face is matched twice. A face
   * that is not found again, or whose photo is gone, unreadable or a different file than before, is
   * reported as missing.
   *
   * <p>Faces that this gallery already has are skipped, so a stopped or killed run can be repeated.
   * A repeated run also copies what has changed in the old gallery since, but does not remove faces
   * that were removed there ({@link ReembeddingReport#others}). An interrupt stops the run, as does
   * a listener that returns {@code false}.
   *
   * @param old the faces, from {@link Reembedding#of}
   * @param listener receives the progress in photos; {@code noFace} counts those in which a face
   *     was not found again
   * @return what was done
   */
  public ReembeddingReport reembed(Reembedding old, IndexingListener listener) {
    ensureWritable();
    synchronized (bulkLock) {
      ensureOpen();
      RunIndex run = index.beginRun();
      try {
        return ReembeddingRun.run(
            model().enrollment().on(run),
            storage.photos(),
            old,
            progress -> listener.onProgress(progress) && !closed);
      } finally {
        index.endRun(run);
      }
    }
  }

  /**
   * Writes a copy of the gallery to a new folder: its state at one moment during this call,
   * including crops, readable only by the current user. Searches and additions of photos continue
   * meanwhile; methods that change crops ({@link #addFace}, {@link #remove}, {@link #forget}) wait.
   * To restore a backup, open it, or move it to the place of the old folder.
   *
   * @param target a new or empty folder
   * @throws UnsupportedOperationException if the gallery is in memory
   * @throws IOException if the copy cannot be written
   */
  public void backup(Path target) throws IOException {
    ensureOpen();
    synchronized (cropLock) {
      storage.backup(target);
    }
  }

  /**
   * Looks up a face.
   *
   * @param faceId the id of the face
   * @return the face, or empty
   */
  public Optional<EmbeddedFace> get(String faceId) {
    ensureOpen();
    return index.get(faceId);
  }

  /**
   * Lists all faces. Go through the list by its iterator; access by position may be slow.
   *
   * @return a snapshot, in insertion order
   */
  public List<EmbeddedFace> faces() {
    ensureOpen();
    return index.faces();
  }

  /**
   * Removes a face, and then the crop of its photo, if there is one.
   *
   * @param faceId the id of the face
   * @return false if no face has that id
   * @throws CropLeftException if the face was removed, but its crop could not be deleted
   */
  public boolean remove(String faceId) {
    ensureWritable();
    synchronized (cropLock) {
      Optional<EmbeddedFace> face = index.get(faceId);
      if (face.isEmpty() || !index.remove(faceId)) {
        return false;
      }
      KeptPhotos.Deleted crop =
          storage.photos().delete(face.get().face().source().stream().toList());
      if (!crop.left().isEmpty()) {
        throw new CropLeftException(
            "the face was removed, but the crop of its photo, "
                + crop.left().get(0).file()
                + ", could not be deleted ("
                + crop.left().get(0).reason()
                + "); opening the gallery tries again");
      }
      return true;
    }
  }

  /**
   * Reads the photo of a face: the stored crop, or the file in one of the gallery's folders.
   *
   * @param face a face of this gallery
   * @param reader decodes it
   * @return the photo; empty if it is gone or its place is unknown
   * @throws ImageFormatException if it can no longer be decoded
   * @throws IOException if it cannot be read
   */
  public Optional<FaceImage> readPhoto(FaceRecord face, FaceImageReader reader) throws IOException {
    Optional<FaceImage> crop = readCrop(face, reader);
    if (crop.isPresent()) {
      return crop;
    }
    Optional<Path> file = photoOf(face);
    return file.isEmpty() ? Optional.empty() : Optional.of(reader.read(file.get()));
  }

  /**
   * Reads the stored crop of the photo of a face.
   *
   * @param face a face of this gallery
   * @param reader decodes it
   * @return the crop; empty if there is none
   * @throws ImageFormatException if it can no longer be decoded
   * @throws IOException if it cannot be read
   */
  public Optional<FaceImage> readCrop(FaceRecord face, FaceImageReader reader) throws IOException {
    return cropOf(face).map(bytes -> reader.read(bytes, "the crop of a photo"));
  }

  /**
   * Returns the stored crop of the photo of a face without decoding it.
   *
   * @param face a face of this gallery
   * @return the bytes of a JPEG file; empty if there is none
   * @throws IOException if it cannot be read
   */
  public Optional<byte[]> cropOf(FaceRecord face) throws IOException {
    ensureOpen();
    return face.source().isPresent()
        ? storage.photos().read(face.source().get())
        : Optional.empty();
  }

  /**
   * Returns whether the gallery has a stored crop of the photo of a face.
   *
   * @param face a face of this gallery
   * @return true if {@link #readCrop} would find it
   */
  public boolean hasCrop(FaceRecord face) {
    return face.source().filter(storage.photos()::has).isPresent();
  }

  /** {@return the names of the indexed folders; the names of their photos begin with these} */
  public Set<String> folders() {
    ensureOpen();
    return Set.copyOf(storage.roots().keySet());
  }

  /**
   * Finds the file of the photo of a face in one of the indexed folders.
   *
   * @param face a face of this gallery
   * @return the file, with symbolic links resolved; empty if its folder is unknown, or the file is
   *     gone or lies outside that folder
   */
  public Optional<Path> photoOf(FaceRecord face) {
    return storage.photoOf(face);
  }

  /**
   * Returns the name that a photo has in this gallery because of its place; see {@link PhotoRoot}.
   *
   * @param file the photo
   * @return its name below the innermost indexed folder that contains it; empty if none does
   */
  public Optional<String> nameOf(Path file) {
    Path real = IndexedFolder.real(file);
    PhotoRoot deepest = null;
    for (Map.Entry<String, Path> entry : storage.roots().entrySet()) {
      Path folder = IndexedFolder.real(entry.getValue());
      if (real.startsWith(folder) && (deepest == null || folder.startsWith(deepest.folder()))) {
        deepest = PhotoRoot.of(entry.getKey(), folder);
      }
    }
    return Optional.ofNullable(deepest).map(root -> root.sourceOf(real));
  }

  /** {@return the number of faces} */
  public int size() {
    return index.size();
  }

  /** {@return how many people the gallery has now, by their number of photos} */
  public GalleryComposition composition() {
    return index.composition();
  }

  /**
   * Returns a number that grows with every change of the gallery, so that results computed from it
   * can be cached. Changes by other processes in a shared storage may be noticed some seconds late.
   *
   * @return 0 or more
   */
  public long version() {
    return index.version() + changesElsewhere();
  }

  /**
   * Returns a number that grows when another process was found to have changed the shared storage:
   * cached faces may then be of somebody who was forgotten. Cheap; may be some seconds late.
   *
   * @return 0 or more; always 0 for storages that one process at a time has open
   */
  public long changesElsewhere() {
    return storage.changesElsewhere();
  }

  /**
   * {@return whether the gallery is read-only: every change throws {@link
   * ReadOnlyGalleryException}}
   */
  public boolean isReadOnly() {
    return index.isReadOnly();
  }

  /** {@return whether changes outlive this process; false for a gallery in memory} */
  public boolean isDurable() {
    return storage.isDurable();
  }

  /**
   * Returns the analyzer of photos.
   *
   * @return the analyzer; it may be used directly until the gallery is closed
   * @throws IllegalStateException if the gallery was opened without a model
   */
  public FaceAnalyzer analyzer() {
    return model().analyzer();
  }

  /**
   * Returns the storage behind this gallery, for anything that this class does not offer. Changes
   * made there bypass the gallery's checks.
   *
   * @return the storage
   */
  public GalleryStorage storage() {
    return storage;
  }

  @Override
  public String toString() {
    String which = model == null ? "without a model" : "model " + model.analyzer().model().name();
    return "Gallery[" + index.size() + " faces, " + which + "]";
  }

  /**
   * Stops bulk runs and waits for them to end, then closes the storage, and the analyzer unless it
   * is shared. Calling this again does nothing.
   */
  @Override
  public void close() {
    closed = true;
    List<IndexingJob> running;
    synchronized (jobs) {
      running = List.copyOf(jobs);
    }
    running.forEach(IndexingJob::stop);
    synchronized (bulkLock) {
      try (storage) {
        if (ownsAnalyzer && model != null) {
          model.analyzer().close();
        }
      }
    }
  }
}
