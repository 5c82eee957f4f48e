package io.facesearch;

import io.facesearch.internal.UnitVectors;
import io.facesearch.spi.GalleryStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The people whose faces are known: photos and vectors go in, and a photo's faces come out with
 * names, or as nobody's.
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
 * <p>Lives in a folder ({@link #open}), in memory ({@link #inMemory}), or in any {@link
 * GalleryStorage}. Owns what it opened and what it was given, but for an analyzer that is shared:
 * one {@link #close} frees everything. Thread-safe: any number of searches run beside each other
 * and beside writers; bulk runs take turns.
 *
 * <p>People are judged by the mean of all their faces, not by one of them, with a threshold that
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
  private final double wantedRate;
  private final KeptPhotos.Deleted swept;

  /** Bulk runs take turns. */
  private final Object bulkLock = new Object();

  /** Guards what changes faces together with the crops of their photos. */
  private final Object cropLock = new Object();

  private final Set<IndexingJob> jobs = new LinkedHashSet<>();
  private volatile Names names = new Names(-1, List.of());
  private volatile boolean closed;

  /**
   * What looks at photos and vectors.
   *
   * @param pairs decides about two photos
   * @param enrollment adds photos
   */
  private record Model(FaceAnalyzer analyzer, DecisionThreshold pairs, Enrollment enrollment) {}

  private record Names(long version, List<NamedPerson> people) {}

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
   * Opens the gallery of a folder, or starts one there, with the model that made it, else the
   * default one. What was added before a method returned is there after a crash.
   *
   * @param folder made if it does not exist
   * @return the gallery, to be closed by the caller
   * @throws CorruptIndexException if a file is damaged
   * @throws IndexVersionException if this release does not read the version of a file
   * @throws IndexLockedException if it is open already, here or in another process
   * @throws ModelMismatchException if its model is not on the class path
   * @throws NativeRuntimeException if a native library is missing or does not load
   * @throws FaceSearchException if a module is missing
   * @throws IOException if a file cannot be read or written
   */
  public static Gallery open(Path folder) throws IOException {
    if (Files.isRegularFile(folder)) {
      throw new FaceSearchException(
          folder
              + " is a file, but a gallery is a folder; an index file is opened, to be searched, by"
              + " Gallery.builder().file(path)");
    }
    return builder().folder(folder).open();
  }

  /**
   * Starts a gallery in memory, which is gone when it is closed.
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

  /** {@return a new builder; what is not set has its default} */
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
          "this gallery was opened without a model, so it looks at no photo and no vector; leave"
              + " out GalleryBuilder.withoutModel()");
    }
    return model;
  }

  private void ensureWritable() {
    ensureOpen();
    index.requireWritable();
  }

  /**
   * What opening the gallery did with crops of photos that no face has: those of a process that was
   * killed.
   *
   * @return what was deleted, and what could not be
   */
  public KeptPhotos.Deleted swept() {
    return swept;
  }

  // Adding

  /**
   * Adds the faces of one photo. In a photo of a known person at most one face gets the name: the
   * only one; among several the one that agrees with the faces of that name in the gallery, else
   * the largest if it is clearly the largest; else none. The others are added without a name,
   * unless {@link GalleryBuilder#bystanders} is false.
   *
   * @param photo the photo; the ids of its faces are {@code name#0}, {@code name#1}, ...
   * @return the faces added; empty if there are none
   * @throws DuplicateFaceException if a photo of that name is in the gallery already
   * @throws ImageFormatException if it is no readable image
   * @throws IOException if its bytes cannot be had
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
      PersonLabels labels =
          model()
              .enrollment()
              .labels(
                  new PersonLabels.Taker() {
                    @Override
                    public void take(PersonLabels.Labeled labeled, List<EmbeddedFace> some) {
                      decided.addAll(some);
                    }

                    @Override
                    public void flush() {
                      // One photo alone.
                    }
                  });
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
   * Adds one face of a photo, and keeps a crop of the photo around it, without the photo's
   * metadata, so that it can be shown.
   *
   * @param photo its pixels
   * @param face a face of it, from {@link FaceAnalyzer#analyze(FaceImage)}
   * @param info whose face it is, and tags; an id is ignored
   * @return the face as it was added
   * @throws IndexWriteException if the crop cannot be written; nothing was added then
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
   * Adds a face of which the caller has the vector.
   *
   * @param embedding of the model of this gallery
   * @param info whose face it is, tags, and its id; without an id one is made
   * @return the face as it was added
   * @throws IllegalArgumentException if the vector is of zeros
   * @throws DuplicateFaceException if the id is taken
   * @throws ModelMismatchException if the vector is of another model
   */
  public FaceRecord add(Embedding embedding, FaceInfo info) {
    Objects.requireNonNull(embedding, "the vector is null; expected one of the gallery's model");
    Objects.requireNonNull(info, "info is null; FaceInfo.nothing() tells nothing of the face");
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
   * Adds faces of which the caller has the vectors, all or none.
   *
   * @param faces records and vectors
   * @throws IllegalArgumentException if one is null, its id is longer than 10,000 characters or has
   *     control characters, or its vector is of zeros; nothing was added then
   * @throws DuplicateFaceException if an id is taken, or occurs twice in the list
   * @throws ModelMismatchException if a vector is of another model
   */
  public void addFaces(List<EmbeddedFace> faces) {
    ensureWritable();
    GivenFaces.check(faces);
    requireModel(faces);
    GivenFaces.checkVectors(faces);
    index.addAll(faces);
  }

  /**
   * Adds photos whose faces were embedded elsewhere, such as on a cluster. Names are given as
   * {@link #addAll(PhotoSource)} gives them: in a photo of a person ({@link FaceRecord#photoOf})
   * none of whose faces bears a name, at most one gets it, and a photo with several faces is
   * decided after all others of the list. So the photos of one person should come in one call.
   * Faces whose ids are here already are passed over, so that a run that was stopped can be
   * repeated. Costs a lookup a face where that is so.
   *
   * @param faces all faces of each photo, with its name ({@link FaceRecord#source})
   * @return what was done; it counts photos as files, and none as read
   * @throws IllegalArgumentException if a face does not tell its photo, or is as {@link #addFaces}
   *     refuses it; nothing was added then
   * @throws DuplicateFaceException if an id occurs twice in the list
   * @throws ModelMismatchException if a vector is of another model; nothing was added then
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

  /** An empty storage would take any model, and no photo could be searched any more. */
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
   * Adds many photos, on {@link GalleryBuilder#threads} threads. Each is tried, and one that is
   * broken is reported, never fatal. The order in the gallery is the same whatever the number of
   * threads. In a photo of a person at most one face gets the name, as {@link #add(Photo)} says; a
   * photo with several faces waits for the other photos of the person; {@link
   * IndexingReport#crowded} lists them. An interrupt stops the run like the listener's {@code
   * false}; a stopped run can be repeated, and goes on where it stopped. Memory does not grow with
   * the number of photos, but for their names.
   *
   * <p>Of a stream, photos of which the gallery has a face are passed over, and so is a second
   * photo of the same name. A photo of a person with several faces waits for others of the person
   * until the stream ends, pauses for a second, or 256 of them wait. What the source of a photo
   * throws is reported.
   *
   * <p>With a folder the gallery is brought up to date. Photos are called by their names below it
   * ({@link PhotoRoot}), so the folder may be moved. A photo that the gallery holds is not read
   * again unless its size or time changed; then its bytes tell whether it was replaced. A photo
   * that is known under a name that is gone was renamed and keeps its faces. A folder in one that
   * is known is a part of that. Photos that are gone, and those that a broken file replaced, are
   * counted, and keep their faces until {@link #planPruning} and {@link #prune}. The person is the
   * name of the folder that a photo lies in, if that is not the root itself (see {@link
   * FolderSource#person}). Hidden files, those of other software (trash, thumbnails) and what is no
   * photo are counted, and so are symbolic links unless {@link FolderSource#followLinks} is set;
   * the folder itself may be one.
   *
   * @param photos a folder or a stream
   * @param listener is told the progress
   * @return what was done
   * @throws IOException if a folder is missing or cannot be listed
   * @throws FaceSearchException if the name of the folder belongs to another one
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
   * Adds many photos in a thread of its own; see {@link #addAll(PhotoSource, IndexingListener)}.
   * Closing the gallery stops it.
   *
   * @param photos a folder or a stream
   * @return the job, to watch it, to wait for it or to cancel it
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
   * Tells whom each face of a photo shows.
   *
   * @param photo the photo
   * @return one a face, surest face first; empty without faces
   */
  public List<IdentifiedFace> identify(FaceImage photo) {
    return model().analyzer().analyze(photo).stream()
        .map(face -> new IdentifiedFace(face, identify(face.embedding())))
        .toList();
  }

  /**
   * Tells whom a vector shows. Costs a search for 100 faces (for up to 25,600 where these are of
   * fewer than 10 people) and reading up to 200 vectors of each of their people.
   *
   * @param probe a vector of the same model
   * @return the people that may be meant, decided by {@link #threshold}
   */
  public Identification identify(Embedding probe) {
    ensureOpen();
    return identifier.identify(probe, model().pairs());
  }

  /**
   * Searches by photo. If the photo has several faces, the one by {@link
   * FaceAnalyzer.Builder#choice} is meant.
   *
   * @param photo the photo
   * @param request how many, how far, which, and how exactly
   * @return the matches, or {@link PhotoMatches.NoFace}
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
   * @param probe a vector of the same model
   * @param request how many, how far, which, and how exactly
   * @return nearest first
   */
  public SearchResult search(Embedding probe, Search request) {
    ensureOpen();
    return index.search(probe, request);
  }

  /**
   * Searches for faces like one that is in the gallery, without itself.
   *
   * @param faceId its id
   * @param request how many, how far, which, and how exactly
   * @return nearest first
   * @throws UnknownFaceException if no face has that id
   */
  public SearchResult search(String faceId, Search request) {
    ensureOpen();
    return index.search(faceId, request);
  }

  /**
   * Searches by several vectors, which may take less time than one by one.
   *
   * @param probes vectors of the same model
   * @param request how many, how far, which, and how exactly, for each
   * @return one result a vector, in order
   */
  public List<SearchResult> searchAll(List<Embedding> probes, Search request) {
    ensureOpen();
    return index.searchAll(probes, request);
  }

  /**
   * Tells whether a photo shows a certain person. If the photo has several faces, the one by {@link
   * FaceAnalyzer.Builder#choice} is compared; to look for somebody in a group use {@link
   * #identify}.
   *
   * @param photo the photo
   * @param person a name of the gallery
   * @return the comparison, or {@link PersonVerification.NoFace}
   * @throws UnknownPersonException if no face of the gallery bears the name
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

  /** A threshold of the caller's for two photos does not tell of strangers; the model's does. */
  private static DecisionThreshold withStrangers(DecisionThreshold own, ModelCard model) {
    Optional<StrangerRates> known = model.threshold().strangers();
    return own.strangers().isPresent() || known.isEmpty() ? own : own.withStrangers(known.get());
  }

  /**
   * Tells whether two photos show one person, by {@link #pairThreshold}.
   *
   * @param first a photo
   * @param second a photo
   * @return the comparison, or {@link Verification.NoFace}
   */
  public Verification verify(FaceImage first, FaceImage second) {
    return model().analyzer().verify(first, second, pairThreshold());
  }

  /**
   * The threshold that decides whether two photos show one person.
   *
   * @return that of the analyzer's settings, else the one that was calibrated for this gallery,
   *     else that of the model
   */
  public DecisionThreshold pairThreshold() {
    return model().enrollment().threshold();
  }

  /**
   * The threshold of {@link #identify} as the gallery is now. It falls as people are added, so that
   * the share of strangers who get a name stays that of {@link
   * GalleryBuilder#falsePositiveIdentificationRate}.
   *
   * @return the threshold; {@link DecisionThreshold#gallerySize()} counts the people
   */
  public DecisionThreshold threshold() {
    return identifier.threshold(model().pairs());
  }

  /**
   * Measures on the faces of this gallery how often a stranger would get a name, and from now on
   * decides by that: each person in turn is a stranger to all others. The result is kept with the
   * gallery. Costs comparing up to 2,000 faces with the means of all people.
   *
   * @return what was measured
   * @throws FaceSearchException if there are fewer than 5 faces with a name for each stranger that
   *     may get one (500 at a rate of .01), if different people have equal photos, or if the model
   *     does not tell how its rates depend on the gallery
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
   * Groups all faces into people: those that bear a name by it, the others by their distances. The
   * first call costs one search for each face; later ones, one for each face that is new.
   *
   * @return those with most faces first
   */
  public List<Person> people() {
    ensureOpen();
    return storage.people();
  }

  /**
   * All names, without grouping the faces that have none. Costs going through all faces after a
   * change.
   *
   * @return by name
   */
  public List<NamedPerson> names() {
    ensureOpen();
    Names known = names;
    long version = version();
    if (known.version != version) {
      known = new Names(version, NamedPerson.of(index.faces()));
      names = known;
    }
    return known.people;
  }

  /**
   * Makes two people one, for good. A person without a name takes that of the other.
   *
   * @param first id of a {@link Person}
   * @param second id of another
   * @return the person that both are now
   * @throws IllegalArgumentException if there is no such person, or both have names
   */
  public Person merge(String first, String second) {
    ensureWritable();
    Person merged = storage.merge(first, second);
    index.changed();
    return merged;
  }

  /**
   * Makes some faces of a person another person, for good.
   *
   * @param person id of a {@link Person}
   * @param faceIds some but not all of its faces, none with a name by its record
   * @return the new person
   * @throws IllegalArgumentException if there is no such person, or the faces are not as said
   */
  public Person split(String person, Collection<String> faceIds) {
    ensureWritable();
    Person other = storage.split(person, faceIds);
    index.changed();
    return other;
  }

  /**
   * Keeps two people apart, for good: they are not grouped as one, and {@link #similar} does not
   * name them, unless they are merged.
   *
   * @param first id of a {@link Person}
   * @param second id of another
   * @throws IllegalArgumentException if there is no such person, or both are one
   */
  public void keepApart(String first, String second) {
    ensureWritable();
    storage.keepApart(first, second);
    index.changed();
  }

  /**
   * People who may be the same as one: their faces lie a little farther from its faces than those
   * of one person do. Without those of another name, and those that are kept apart from it. Costs
   * up to eight searches, after those of {@link #people}.
   *
   * @param person id of a {@link Person}
   * @return nearest first
   * @throws IllegalArgumentException if there is no such person
   */
  public List<Person> similar(String person) {
    ensureOpen();
    return storage.similar(person);
  }

  /**
   * The faces of a person, doubtful ones first: those that do not bear the name of the person,
   * farthest from the person first, then those that do. Costs going through the vectors of the
   * person.
   *
   * @param person one of {@link #people}
   * @return its faces that are still here, with the L2 distance to their mean, all made unit
   *     vectors, the mean too; of a person with a name the mean of the faces that bear it
   */
  public List<FaceMatch> faces(Person person) {
    ensureOpen();
    List<EmbeddedFace> faces =
        person.faceIds().stream().flatMap(id -> index.get(id).stream()).toList();
    List<float[]> vectors =
        faces.stream().map(face -> UnitVectors.unit(face.embedding().toArray())).toList();
    List<float[]> sure = new ArrayList<>();
    for (int i = 0; i < faces.size(); i++) {
      if (faces.get(i).face().person().equals(person.name())) {
        sure.add(vectors.get(i));
      }
    }
    if (faces.isEmpty()) {
      return List.of();
    }
    float[] mean = UnitVectors.mean(sure.isEmpty() ? vectors : sure);
    List<FaceMatch> matches = new ArrayList<>();
    for (int i = 0; i < faces.size(); i++) {
      matches.add(new FaceMatch(faces.get(i).face(), UnitVectors.distance(vectors.get(i), mean)));
    }
    matches.sort(
        Comparator.comparing((FaceMatch match) -> match.face().person().equals(person.name()))
            .thenComparing(Comparator.comparingDouble(FaceMatch::distance).reversed()));
    return List.copyOf(matches);
  }

  /**
   * The faces of the photo that a face is in, itself among them. Costs going through all faces.
   *
   * @param face of this gallery
   * @return in order of insertion; the face alone if it is not known which photo it is from
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
   * Says that faces are not of the person that they bear the name of, or are grouped with, for
   * good: they lose the name, and become a person of their own. Costs as much as {@link #people}.
   *
   * @param person id of a {@link Person}
   * @param faceIds of its faces
   * @return who they are now; the same id if they were all that it had
   * @throws UnknownFaceException if no face has one of the ids; nothing is changed then
   * @throws IllegalArgumentException if there is no such person, or a face is not of it; nothing is
   *     changed then
   */
  public Person reject(String person, Collection<String> faceIds) {
    ensureWritable();
    Set<String> ids = Set.copyOf(faceIds);
    Person from = requirePerson(person);
    if (!from.faceIds().containsAll(ids)) {
      throw new IllegalArgumentException(
          "only faces of " + person + " can be rejected, but not all of these are");
    }
    unname(ids);
    if (ids.size() < from.faceIds().size()) {
      return split(person, ids);
    }
    return requirePerson(person);
  }

  private Person requirePerson(String id) {
    return storage.people().stream()
        .filter(one -> one.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no person has the id \"" + id + "\"; people() lists those that there are"));
  }

  /**
   * Remembers whose some faces are, and how all are grouped, so that a correction of these can be
   * taken back.
   *
   * @param faceIds that will be corrected; those that no face has are passed over
   * @return for {@link #restore}; it holds ids and names, no vectors
   */
  public PeopleSnapshot snapshot(Collection<String> faceIds) {
    ensureOpen();
    Map<String, Optional<String>> persons = new HashMap<>();
    for (String id : faceIds) {
      index.get(id).ifPresent(face -> persons.put(id, face.face().person()));
    }
    return new PeopleSnapshot(persons, storage.grouping().orElse(null));
  }

  /**
   * Takes corrections back: the faces of a snapshot bear the names that they bore, and people are
   * grouped as they were, also where others were corrected since. Faces that are gone since stay
   * gone, and those that came since are grouped by the next {@link #people}.
   *
   * @param snapshot from {@link #snapshot} of this gallery
   */
  public void restore(PeopleSnapshot snapshot) {
    ensureWritable();
    Set<String> ids = new LinkedHashSet<>();
    List<EmbeddedFace> before = new ArrayList<>();
    snapshot
        .persons()
        .forEach(
            (id, person) ->
                index
                    .get(id)
                    .filter(face -> !face.face().person().equals(person))
                    .ifPresent(
                        face -> {
                          ids.add(id);
                          before.add(
                              new EmbeddedFace(
                                  face.face().renamed(person.orElse(null)), face.embedding()));
                        }));
    index.replaceAll(ids, before);
    snapshot.grouping().ifPresent(storage::takeGrouping);
    index.changed();
  }

  /**
   * Calls a person otherwise, in all faces and photos at once. A person of the new name is the same
   * one from then on.
   *
   * @param person the name so far
   * @param newName the new one: one line of text, not empty
   * @return how many faces bore the name
   * @throws IllegalArgumentException if the new name is blank, or has control characters, and
   *     nobody bears it
   * @throws UnknownPersonException if no face does
   */
  public int rename(String person, String newName) {
    ensureWritable();
    Optional<String> now = Optional.of(known(newName));
    Set<String> ids = new HashSet<>();
    List<EmbeddedFace> renamed = new ArrayList<>();
    int named = 0;
    for (EmbeddedFace face : index.faces()) {
      FaceRecord r = face.face();
      boolean bears = r.person().filter(person::equals).isPresent();
      boolean inPhoto = r.photoOf().filter(person::equals).isPresent();
      if (bears || inPhoto) {
        named += bears ? 1 : 0;
        ids.add(r.id());
        renamed.add(
            new EmbeddedFace(
                r.renamed((bears ? now : r.person()).orElse(null))
                    .ofPhotoOf((inPhoto ? now : r.photoOf()).orElse(null)),
                face.embedding()));
      }
    }
    if (named == 0) {
      throw new UnknownPersonException("nobody in the gallery is called \"" + person + "\"");
    }
    index.replaceAll(ids, renamed);
    return named;
  }

  /**
   * Gives faces the name of a person, all or none; so a person is named, or a face corrected.
   *
   * @param faceIds of the gallery
   * @param person the name: one line of text, not empty
   * @throws UnknownFaceException if no face has one of the ids; nothing is changed then
   * @throws IllegalArgumentException if the name is blank, or has control characters, and nobody
   *     bears it
   */
  public void name(Collection<String> faceIds, String person) {
    ensureWritable();
    rename(faceIds, known(person));
  }

  /**
   * Takes the name from faces that are not that person's, all or none.
   *
   * @param faceIds of the gallery
   * @throws UnknownFaceException if no face has one of the ids; nothing is changed then
   */
  public void unname(Collection<String> faceIds) {
    ensureWritable();
    rename(faceIds, null);
  }

  /** A name that nobody bears must be a good one. */
  private String known(String name) {
    return index.faces(name).isEmpty() ? PersonName.check(name) : name;
  }

  private void rename(Collection<String> faceIds, @Nullable String person) {
    Set<String> ids = Set.copyOf(faceIds);
    List<EmbeddedFace> renamed = new ArrayList<>();
    for (EmbeddedFace face : faces(ids)) {
      renamed.add(new EmbeddedFace(face.face().renamed(person), face.embedding()));
    }
    index.replaceAll(ids, renamed);
  }

  /** In the order of the ids. */
  private List<EmbeddedFace> faces(Set<String> ids) {
    List<EmbeddedFace> found = new ArrayList<>();
    for (String id : ids) {
      found.add(
          index
              .get(id)
              .orElseThrow(
                  () ->
                      new UnknownFaceException(
                          "no face with id \""
                              + id
                              + "\" is in the gallery; nothing was changed")));
    }
    return found;
  }

  /**
   * Removes all faces of a person, and those without a name in photos of that person, with every
   * trace that the gallery keeps of them: afterwards no array or file of it holds their vectors,
   * records or crops. A bulk run that goes on meanwhile does not bring them back; one that is begun
   * later does, if it finds photos of the person. Costs as much as writing the gallery anew.
   *
   * @param person whose faces
   * @return what was done, and which files of the person are left in the folders of the photos
   */
  public Forgotten forget(String person) {
    ensureWritable();
    synchronized (cropLock) {
      return index.forgetting(person, () -> storage.erase(person));
    }
  }

  /**
   * Removes all faces that were grouped as a person, and those that bear its name; see {@link
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
   * Finds the faces whose photo is not in its folder any more, or was replaced by a file that
   * cannot be read. Changes nothing. Costs listing the folder, and reading the photos that changed
   * since they were indexed.
   *
   * @param folder that was indexed, or one in it; it may be missing, which the plan warns of
   * @return what {@link #prune} would remove
   * @throws IOException if the folder cannot be listed
   * @throws FaceSearchException if the name belongs to another folder
   */
  public Pruning planPruning(FolderSource folder) throws IOException {
    ensureOpen();
    FaceImageReader reader = model == null ? FaceImageReader.DEFAULT : model.analyzer().reader();
    return Pruning.plan(index, folder, reader);
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
    ensureWritable();
    return plan.apply(index);
  }

  /**
   * Brings the faces of a gallery of another model into this one, with vectors of its own model:
   * ids, persons, sources, boxes, tags and stamps stay, and so do the folders of the photos. The
   * old gallery is not changed, and answers meanwhile.
   *
   * <p>Each photo is read once, on {@link GalleryBuilder#threads} threads. An old face is the face
   * that is found now where it was: the boxes overlap by 0.3 at least (intersection over union),
   * those that overlap most are paired first, and no face is taken for two. A face whose photo is
   * gone, broken or another file than it was, or that is not found again, is reported as missing,
   * never guessed.
   *
   * <p>Faces that the gallery has already are skipped, so a stopped or killed run can be repeated,
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
   * Writes a copy of the gallery to a folder of its own: the state at one moment of this call,
   * crops included, readable by its owner alone. Searches and additions of photos go on meanwhile;
   * what changes crops ({@link #addFace}, {@link #remove}, {@link #forget}) waits. To restore it,
   * open it, or put it in the place of the old folder.
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
   * Looks a face up.
   *
   * @param faceId its id
   * @return the face, or empty
   */
  public Optional<EmbeddedFace> get(String faceId) {
    ensureOpen();
    return index.get(faceId);
  }

  /**
   * Lists all faces; its iterator is the way to go through them.
   *
   * @return a snapshot in order of insertion
   */
  public List<EmbeddedFace> faces() {
    ensureOpen();
    return index.faces();
  }

  /**
   * Removes a face, and then the crop of its photo if the gallery keeps one.
   *
   * @param faceId its id
   * @return false if no face has that id
   * @throws CropLeftException if the face is removed, but its crop is still there
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
            "the face is removed, but the crop of its photo, "
                + crop.left().get(0).file()
                + ", could not be deleted ("
                + crop.left().get(0).reason()
                + "); opening the gallery tries again");
      }
      return true;
    }
  }

  /**
   * Reads the photo of a face: the crop that the gallery keeps, or the file in one of its folders.
   *
   * @param face of this gallery
   * @param reader with its limits
   * @return the photo; empty if it is not known where it is, or gone
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
   * Reads the crop that the gallery keeps of the photo of a face.
   *
   * @param face of this gallery
   * @param reader with its limits
   * @return the crop; empty if none is kept
   * @throws ImageFormatException if it can no longer be decoded
   * @throws IOException if it cannot be read
   */
  public Optional<FaceImage> readCrop(FaceRecord face, FaceImageReader reader) throws IOException {
    return cropOf(face).map(bytes -> reader.read(bytes, "the crop of a photo"));
  }

  /**
   * The crop that the gallery keeps of the photo of a face, as it lies there.
   *
   * @param face of this gallery
   * @return the bytes of a JPEG file; empty if none is kept
   * @throws IOException if it cannot be read
   */
  public Optional<byte[]> cropOf(FaceRecord face) throws IOException {
    ensureOpen();
    return face.source().isPresent()
        ? storage.photos().read(face.source().get())
        : Optional.empty();
  }

  /**
   * Whether the gallery keeps a crop of the photo of a face.
   *
   * @param face of this gallery
   * @return true if {@link #readCrop} finds it
   */
  public boolean hasCrop(FaceRecord face) {
    return face.source().filter(storage.photos()::has).isPresent();
  }

  /**
   * {@return the names of the folders that were indexed, which names of their photos begin with}
   */
  public Set<String> folders() {
    ensureOpen();
    return Set.copyOf(storage.roots().keySet());
  }

  /**
   * Finds the file of the photo of a face, below one of the folders that were indexed.
   *
   * @param face of this gallery
   * @return the file, symbolic links followed; empty if its folder is not known, or the file is
   *     gone, or lies outside of the folder
   */
  public Optional<Path> photoOf(FaceRecord face) {
    return storage.photoOf(face);
  }

  /**
   * The name that a photo has in this gallery by where it lies; see {@link PhotoRoot}.
   *
   * @param file the photo
   * @return its name below the deepest folder of the gallery that it lies in; empty if it lies in
   *     none
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

  /** {@return of how many people it has how many photos now} */
  public GalleryComposition composition() {
    return index.composition();
  }

  /**
   * Grows with every change, so that what was computed of the gallery can be kept until then. What
   * other processes change in a storage that they share may be met some seconds later.
   *
   * @return 0 or more
   */
  public long version() {
    return index.version() + changesElsewhere();
  }

  /**
   * Grows when it is met that another process changed a storage that both share: what is kept of
   * faces may be of somebody whom it forgot. Cheap; may be some seconds late.
   *
   * @return 0 or more; 0 always where one process at a time has the gallery
   */
  public long changesElsewhere() {
    return storage.changesElsewhere();
  }

  /**
   * Whether it can only be searched.
   *
   * @return true if every change throws {@link ReadOnlyGalleryException}
   */
  public boolean isReadOnly() {
    return index.isReadOnly();
  }

  /** {@return whether what is added outlives this process; false for a gallery in memory} */
  public boolean isDurable() {
    return storage.isDurable();
  }

  /**
   * What looks at photos.
   *
   * @return the analyzer, which may be used beside the gallery while that is open
   * @throws IllegalStateException if the gallery was opened without a model
   */
  public FaceAnalyzer analyzer() {
    return model().analyzer();
  }

  /**
   * Where everything is kept, for what this class does not offer. Changes that are made there are
   * not guarded as those of the gallery are.
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
   * Stops bulk runs and waits for their end, then frees the storage, and the analyzer if it is the
   * gallery's. May be called twice.
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
