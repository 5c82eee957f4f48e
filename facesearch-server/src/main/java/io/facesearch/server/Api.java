package io.facesearch.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.facesearch.CropLeftException;
import io.facesearch.DecisionThreshold;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.FaceImage;
import io.facesearch.FaceImageReader;
import io.facesearch.FaceInfo;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.Forgotten;
import io.facesearch.Gallery;
import io.facesearch.Identification;
import io.facesearch.ModelCard;
import io.facesearch.NamedPerson;
import io.facesearch.Search;
import io.facesearch.SearchPlan;
import io.facesearch.SearchResult;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The REST interface; each handler answers one route of openapi.json. Thread-safe. */
final class Api {
  private static final Logger LOG = LoggerFactory.getLogger(Api.class);

  private static final int K = 12;

  private static final int MAX_CANDIDATES = 5;

  /** The longer side of a whole photo that is shown, pixels. */
  private static final int PICTURE_SIDE = 1600;

  private static final Set<String> FACE_FIELDS = Set.of("photo", "vector", "face");

  private final ServedGallery served;
  private final Gallery gallery;
  private final Guard guard;
  private final Limits limits;
  private final Metrics metrics;
  private final FaceImageReader reader;
  private final Thumbnails thumbnails;
  private final FaceKeys keys;
  private final PeopleApi people;
  private final List<String> samples;
  private final Clock clock;

  Api(
      ServedGallery served,
      Guard guard,
      Limits limits,
      Metrics metrics,
      List<String> samples,
      Clock clock) {
    this.clock = clock;
    this.served = served;
    gallery = served.gallery();
    this.guard = guard;
    this.limits = limits;
    this.metrics = metrics;
    this.samples = samples;
    reader =
        FaceImageReader.builder().maxBytes(limits.uploadBytes()).maxPixels(limits.pixels()).build();
    thumbnails =
        new Thumbnails(served, FaceImageReader.builder().maxPixels(limits.pixels()).build());
    keys = new FaceKeys(gallery::version, gallery::faces);
    people = new PeopleApi(served, keys, this);
  }

  PeopleApi people() {
    return people;
  }

  static void answer(Exchange exchange, Object answer) {
    exchange.result("application/json", Gate.json(answer));
  }

  // Searching

  void search(Exchange exchange) throws IOException {
    if (!exchange.type().equals("application/json")) {
      searchPhoto(exchange);
      return;
    }
    Fields fields = Fields.parse(exchange.body(), Set.of("vector", "face", "k", "person"));
    int k = fields.whole("k", K, 1, Limits.MAX_K);
    Found found = find(embedding(fields, "the body"), k, fields.text("person").orElse(null));
    answer(
        exchange,
        new Answers.VectorSearch(
            found.answer(), new Answers.Times(null, null, null, found.millis())));
  }

  private void searchPhoto(Exchange exchange) throws IOException {
    int k = whole(exchange, "k").map(text -> parse("k", text, 1, Limits.MAX_K)).orElse(K);
    Optional<Integer> face = faceNumber(exchange);
    boolean vectors = flag(exchange, "vectors");
    PhotoFaces photo = photo(exchange, vectors, face.orElse(null));
    int searched = face.orElse(photo.largest());
    Found found = null;
    if (!photo.faces().isEmpty()) {
      Embedding query = photo.embeddings().get(vectors ? searched : 0);
      found = find(query, k, exchange.queryParam("person"));
    }
    answer(
        exchange,
        new Answers.PhotoSearch(
            new Answers.Size(photo.photo().width(), photo.photo().height()),
            foundFaces(photo, vectors, vectors),
            found == null ? null : searched,
            found == null ? null : found.answer(),
            times(photo, found == null ? null : found.millis())));
  }

  void detect(Exchange exchange) throws IOException {
    PhotoFaces photo = photo(exchange, true, null);
    answer(
        exchange,
        new Answers.PhotoSearch(
            new Answers.Size(photo.photo().width(), photo.photo().height()),
            foundFaces(photo, true, false),
            null,
            null,
            times(photo, null)));
  }

  void identify(Exchange exchange) throws IOException {
    PhotoFaces photo = photo(exchange, true, null);
    long start = System.nanoTime();
    List<Answers.FoundFace> faces = foundFaces(photo, false, true);
    answer(
        exchange,
        new Answers.Identified(
            new Answers.Size(photo.photo().width(), photo.photo().height()),
            faces,
            Answers.Threshold.of(gallery.threshold()),
            gallery.size(),
            times(photo, Answers.round((System.nanoTime() - start) / 1e6))));
  }

  /** Whom a vector shows; the few nearest of those that may be meant. */
  private Answers.Who who(Identification who) {
    return new Answers.Who(
        who.decision().name(),
        who.person().orElse(null),
        who.candidates().stream()
            .limit(MAX_CANDIDATES)
            .map(
                match ->
                    new Answers.Candidate(
                        match.person().orElse(null),
                        galleryFace(match.nearest()),
                        match.photos(),
                        Answers.round(match.distance()),
                        match.decision().name()))
            .toList());
  }

  private PhotoFaces photo(Exchange exchange, boolean all, @Nullable Integer face)
      throws IOException {
    byte[] encoded = photo(exchange.body(), exchange);
    PhotoFaces photo = PhotoFaces.of(gallery.analyzer(), reader, encoded, all, face);
    metrics.stage("read", photo.readMillis());
    metrics.stage("detect", photo.detectMillis());
    metrics.stage("embed", photo.embedMillis());
    return photo;
  }

  /** The photo, if it may be decoded here and now. */
  private byte[] photo(byte[] encoded, Exchange exchange) {
    if (encoded.length > 5 && new String(encoded, 0, 5, ISO_8859_1).equalsIgnoreCase("data:")) {
      throw new Problem(
          422,
          "image_unreadable",
          "this is a data: URL, not a photo; send the bytes that the Base64 after its comma stands"
              + " for, or send the URL as \"photo\" to /api/verify");
    }
    PhotoSize.check(encoded, exchange, limits.pixels());
    return encoded;
  }

  private List<Answers.FoundFace> foundFaces(PhotoFaces photo, boolean vectors, boolean who) {
    List<Answers.FoundFace> found = new ArrayList<>();
    for (int i = 0; i < photo.faces().size(); i++) {
      found.add(
          Answers.FoundFace.of(
              photo.faces().get(i),
              photo.quality().get(i),
              vectors ? photo.embeddings().get(i).toArray() : null,
              who ? who(gallery.identify(photo.embeddings().get(i))) : null));
    }
    return found;
  }

  private static Answers.Times times(PhotoFaces photo, @Nullable Double search) {
    return new Answers.Times(
        Answers.round(photo.readMillis()),
        Answers.round(photo.detectMillis()),
        Answers.round(photo.embedMillis()),
        search);
  }

  private record Found(Answers.Found answer, double millis) {}

  private Found find(Embedding query, int k, @Nullable String person) {
    long start = System.nanoTime();
    FaceFilter filter = person == null ? FaceFilter.all() : FaceFilter.person(person);
    SearchResult result = gallery.search(query, Search.nearest(k).where(filter));
    double millis = (System.nanoTime() - start) / 1e6;
    metrics.stage("search", millis);
    Identification who = gallery.identify(query);
    List<Answers.Match> matches = new ArrayList<>();
    for (FaceMatch match : result) {
      matches.add(
          new Answers.Match(
              galleryFace(match.face()),
              Answers.round(match.distance()),
              who.decision(match).name(),
              null));
    }
    return new Found(
        new Answers.Found(
            people.grouped(matches, result.matches()),
            who(who),
            Answers.Threshold.of(who.threshold()),
            result.plan().name(),
            result.plan() != SearchPlan.APPROXIMATE,
            gallery.size(),
            result.distancesComputed()),
        Answers.round(millis));
  }

  void verify(Exchange exchange) throws IOException {
    Fields body = Fields.parse(exchange.body(), Set.of("first", "second", "chips"), FACE_FIELDS);
    boolean chips = body.whole("chips", 0, 0, 1) == 1;
    Compared first = faceOf(body.object("first"), "first", exchange, chips);
    Compared second = faceOf(body.object("second"), "second", exchange, chips);
    DecisionThreshold threshold = gallery.pairThreshold();
    Double distance = null;
    if (first.face != null && second.face != null) {
      distance = first.face.distanceTo(second.face);
    }
    answer(
        exchange,
        new Answers.Verified(
            distance == null ? null : Answers.round(distance),
            distance == null ? null : threshold.decide(distance).name(),
            Answers.Threshold.of(threshold),
            first.face != null,
            second.face != null,
            first.inPhoto,
            second.inPhoto,
            chips ? new Answers.Chips(first.base64(), second.base64()) : null));
  }

  /**
   * What is compared.
   *
   * @param face null if it is a photo without a face
   * @param inPhoto null if it is no photo, or one without a face
   * @param chip the aligned face; null if it was not asked for, or there is no photo
   */
  private record Compared(
      @Nullable Embedding face, Answers.@Nullable ComparedFace inPhoto, @Nullable FaceImage chip) {
    String base64() throws IOException {
      return chip == null
          ? ""
          : Base64.getEncoder().encodeToString(Pictures.jpeg(chip.toBufferedImage()));
    }
  }

  private Compared faceOf(Fields fields, String where, Exchange exchange, boolean chips) {
    Optional<String> photo = fields.text("photo");
    if (photo.isEmpty()) {
      Embedding embedding = embedding(fields, "\"" + where + "\"");
      Optional<FaceImage> chip =
          chips && fields.has("face")
              ? chip(require(fields.text("face").orElseThrow()).face(), exchange)
              : Optional.empty();
      return new Compared(embedding, null, chip.orElse(null));
    }
    if (fields.has("vector") || fields.has("face")) {
      throw Problem.badRequest("\"" + where + "\" must have one of photo, vector and face");
    }
    byte[] bytes = photo(base64(photo.get(), where), exchange);
    PhotoFaces found = PhotoFaces.of(gallery.analyzer(), reader, bytes, false, null);
    if (found.faces().isEmpty()) {
      return new Compared(null, null, null);
    }
    Answers.Box box = Answers.Box.of(found.faces().get(found.largest()).box());
    return new Compared(
        found.embeddings().get(0),
        new Answers.ComparedFace(box, found.faces().size() - 1),
        found.chips().get(found.largest()));
  }

  /** A face of the gallery, cut out of its photo anew where its box says. */
  private Optional<FaceImage> chip(FaceRecord face, Exchange exchange) {
    Optional<FaceImage> photo = thumbnails.photoOf(face, exchange.heavy());
    if (photo.isEmpty() || face.box().isEmpty()) {
      return Optional.empty();
    }
    return gallery.analyzer().detect(photo.get()).stream()
        .filter(found -> found.box().iou(face.box().get()) > 0.3)
        .max(Comparator.comparingDouble(found -> found.box().iou(face.box().get())))
        .map(found -> gallery.analyzer().align(photo.get(), found));
  }

  /** What Base64, or a data: URL of it, stands for. */
  private static byte[] base64(String text, String where) {
    int start = 0;
    if (text.regionMatches(true, 0, "data:", 0, 5)) {
      int comma = text.indexOf(',');
      if (comma < 0 || !text.substring(0, comma).toLowerCase(Locale.ROOT).endsWith(";base64")) {
        throw Problem.badRequest(
            "\"photo\" of \"" + where + "\" is a data: URL that is not in Base64");
      }
      start = comma + 1;
    }
    try {
      return Base64.getMimeDecoder().decode(text.substring(start));
    } catch (IllegalArgumentException e) {
      throw Problem.badRequest("\"photo\" of \"" + where + "\" is no Base64; see RFC 4648");
    }
  }

  private Embedding embedding(Fields fields, String where) {
    if (fields.has("vector") == fields.has("face")) {
      throw Problem.badRequest(where + " must have either a vector or a face");
    }
    if (fields.has("face")) {
      return require(fields.text("face").orElseThrow()).embedding();
    }
    float[] vector = fields.floats("vector");
    ModelCard card = gallery.analyzer().model();
    if (vector.length != card.dimension()) {
      throw Problem.badRequest(
          "the vector must have "
              + card.dimension()
              + " numbers, those of the model "
              + card.name()
              + ", but has "
              + vector.length);
    }
    return Embedding.of(card.fingerprint(), vector);
  }

  // Faces and people

  void faces(Exchange exchange) {
    int limit = number(exchange, "limit", 100, 1, 1000);
    int offset = number(exchange, "offset", 0, 0, Integer.MAX_VALUE);
    String person = exchange.queryParam("person");
    List<FaceRecord> wanted = new ArrayList<>();
    int total = 0;
    for (EmbeddedFace face : gallery.faces()) {
      if (person == null || face.face().person().filter(person::equals).isPresent()) {
        if (total >= offset && wanted.size() < limit) {
          wanted.add(face.face());
        }
        total++;
      }
    }
    answer(exchange, new Answers.Faces(total, wanted.stream().map(this::galleryFace).toList()));
  }

  void face(Exchange exchange, @Nullable String key) {
    answer(exchange, galleryFace(require(key).face()));
  }

  void thumbnail(Exchange exchange, @Nullable String key) throws IOException {
    FaceRecord face = require(key).face();
    Optional<byte[]> jpeg = thumbnails.cached(face.id());
    if (jpeg.isEmpty()) {
      jpeg = thumbnails.make(face, exchange.heavy());
      if (gallery.get(face.id()).isEmpty()) {
        thumbnails.drop(face.id()); // forgotten meanwhile
        throw unknownFace();
      }
    }
    // Not even for a while on disk: a person may be forgotten.
    exchange
        .header("Cache-Control", "private, no-store")
        .result("image/jpeg", jpeg.orElseThrow(Api::noPhoto));
  }

  private static Problem noPhoto() {
    return new Problem(
        404,
        "no_photo",
        "the photo of this face is not inside the folder of photos; start the server with --photos"
            + " FOLDER to show it");
  }

  /** The whole photo of a face, at most so large as a screen. */
  void picture(Exchange exchange, String key) throws IOException {
    FaceRecord face = require(key).face();
    FaceImage photo = thumbnails.photoOf(face, exchange.heavy()).orElseThrow(Api::noPhoto);
    byte[] jpeg = Pictures.jpeg(Pictures.shrinkLonger(photo.toBufferedImage(), PICTURE_SIDE));
    if (gallery.get(face.id()).isEmpty()) {
      throw unknownFace(); // forgotten meanwhile
    }
    exchange
        .header("Cache-Control", "private, no-store")
        .header("Photo-Size", photo.width() + "x" + photo.height())
        .result("image/jpeg", jpeg);
  }

  void photoFaces(Exchange exchange, String key) {
    FaceRecord face = require(key).face();
    answer(
        exchange,
        new Answers.PhotoOf(
            gallery.inPhotoOf(face).stream()
                .limit(Limits.MAX_FACES)
                .map(
                    one ->
                        new Answers.PhotoFace(
                            galleryFace(one), one.box().map(Answers.Box::of).orElse(null)))
                .toList()));
  }

  void add(Exchange exchange) throws IOException {
    served.requireWritable();
    Optional<String> person = person(exchange, false);
    Optional<Integer> number = faceNumber(exchange);
    PhotoFaces photo = photo(exchange, false, number.orElse(null));
    if (photo.faces().isEmpty()) {
      throw new Problem(
          422, "no_face", "no face was found in the photo, so there is nothing to add");
    }
    FaceRecord face =
        gallery.addFace(
            photo.photo(),
            photo.analyzed(number.orElse(photo.largest())),
            person
                .map(FaceInfo::person)
                .orElse(FaceInfo.nothing())
                .tag(Retention.ADDED, Retention.now(clock)));
    exchange.status(201).header("Location", "/api/faces/" + keys.keyOf(face.id()));
    answer(exchange, new Answers.Added(galleryFace(face), gallery.size()));
  }

  void delete(Exchange exchange, @Nullable String key) {
    served.requireWritable();
    String id = keys.idOf(key);
    try {
      if (id.isEmpty() || !gallery.remove(id)) {
        throw unknownFace();
      }
    } catch (CropLeftException e) {
      warn(1);
      throw new Problem(
          500,
          "photo_left",
          "the face is removed, but its photo could not be deleted; the next 'serve' or 'forget'"
              + " on the store tries again, and 'forget' tells where it lies");
    } finally {
      thumbnails.drop(id);
    }
    exchange.status(204);
  }

  /** Removes a face whose time is over. */
  void retire(String id) {
    try {
      gallery.remove(id);
    } finally {
      thumbnails.drop(id);
      people.dropUndo();
    }
  }

  void people(Exchange exchange) {
    int limit = number(exchange, "limit", 100, 1, 1000);
    int offset = number(exchange, "offset", 0, 0, Integer.MAX_VALUE);
    String part = Optional.ofNullable(exchange.queryParam("q")).orElse("").toLowerCase(Locale.ROOT);
    List<NamedPerson> all =
        gallery.names().stream()
            .filter(person -> person.name().toLowerCase(Locale.ROOT).contains(part))
            .toList();
    answer(
        exchange,
        new Answers.People(
            all.size(),
            all.stream()
                .skip(offset)
                .limit(limit)
                .map(p -> new Answers.Person(p.name(), p.faces(), keys.keyOf(p.face())))
                .toList()));
  }

  void forget(Exchange exchange) {
    String person = person(exchange, true).orElseThrow();
    served.requireWritable();
    forgotten(exchange, person, gallery.forget(person));
  }

  void forgotten(Exchange exchange, String person, Forgotten done) {
    warn(done.photosNotDeleted().size());
    thumbnails.clear();
    people.dropUndo();
    if (done.receipt().faces() == 0) {
      throw new Problem(404, "unknown_person", "nobody of that name is in the gallery");
    }
    answer(
        exchange,
        new Answers.Forgotten(
            person,
            done.receipt().at().toString(),
            done.receipt().faces(),
            done.receipt().stateHash(),
            done.photosDeleted(),
            done.photosNotDeleted().size(),
            done.photosLeft().size()));
  }

  private static void warn(int photosNotDeleted) {
    if (photosNotDeleted > 0) {
      LOG.warn(
          "{} photos that clients had added could not be deleted; 'facesearch forget' tells where"
              + " they lie",
          photosNotDeleted);
    }
  }

  private EmbeddedFace require(@Nullable String key) {
    String id = keys.idOf(key);
    return (id.isEmpty() ? Optional.<EmbeddedFace>empty() : gallery.get(id))
        .orElseThrow(Api::unknownFace);
  }

  private static Problem unknownFace() {
    return new Problem(404, "unknown_face", "no face of that id is in the gallery");
  }

  Answers.GalleryFace galleryFace(FaceRecord face) {
    return new Answers.GalleryFace(
        keys.keyOf(face.id()),
        face.person().orElse(null),
        face.source().map(FaceKeys::shownSource).orElse(null),
        served.hasPhoto(face),
        Answers.tags(face.tags()));
  }

  // The server

  void health(Exchange exchange) {
    answer(exchange, new Answers.Health("UP"));
  }

  /** Fails unless the gallery answers a search. */
  void ready(Exchange exchange) {
    ModelCard card = gallery.analyzer().model();
    float[] any = new float[card.dimension()];
    any[0] = 1;
    gallery.search(Embedding.of(card.fingerprint(), any), Search.nearest(1));
    answer(exchange, new Answers.Health("READY"));
  }

  void info(Exchange exchange) {
    ModelCard card = gallery.analyzer().model();
    DecisionThreshold threshold = gallery.pairThreshold();
    Optional<RateCurve> curve = RateCurve.of(card, threshold);
    String version = Api.class.getPackage().getImplementationVersion();
    answer(
        exchange,
        new Answers.Info(
            version == null ? "(not packaged)" : version,
            new Answers.Model(card.name(), card.dimension(), card.license(), card.fingerprint()),
            Answers.Threshold.of(threshold),
            curve.map(RateCurve::points).orElse(List.of()),
            curve.map(RateCurve::calibratedOn).orElse(null),
            new Answers.UploadLimits(
                limits.uploadBytes(), limits.pixels(), Limits.MAX_K, Limits.MAX_NAME),
            gallery.size(),
            gallery.names().size(),
            gallery.isDurable(),
            gallery.isReadOnly() || exchange.right() != Guard.Right.CHANGE,
            served.hasFolder(),
            samples,
            indexing()));
  }

  private Answers.Indexing indexing() {
    ServedGallery.Indexing now = served.indexing();
    var progress = now.progress();
    return new Answers.Indexing(
        now.state(),
        progress == null ? 0 : (int) progress.done(),
        progress == null ? 0 : (int) progress.total().orElse(0),
        progress == null ? 0 : (int) progress.noFace(),
        progress == null ? 0 : (int) progress.broken(),
        now.reason());
  }

  /** What {@code /api/events} tells. */
  Answers.Progress progress() {
    return new Answers.Progress(gallery.size(), indexing());
  }

  void metrics(Exchange exchange) throws IOException {
    exchange.result(Metrics.contentType(), metrics.text());
  }

  void session(Exchange exchange) {
    Fields fields = Fields.parse(exchange.body(), Set.of("token"));
    exchange
        .header("Set-Cookie", guard.logIn(exchange.request(), fields.text("token").orElse("")))
        .status(204);
  }

  // Requests

  private static Optional<Integer> faceNumber(Exchange exchange) {
    return whole(exchange, "face").map(text -> parse("face", text, 0, Limits.MAX_FACES - 1));
  }

  private static Optional<String> whole(Exchange exchange, String name) {
    return Optional.ofNullable(exchange.queryParam(name));
  }

  /** A whole number of the query, or the standard one. */
  static int number(Exchange exchange, String name, int standard, int min, int max) {
    return whole(exchange, name).map(text -> parse(name, text, min, max)).orElse(standard);
  }

  private static int parse(String name, String text, int min, int max) {
    return Fields.whole(name, text, min, max);
  }

  private static boolean flag(Exchange exchange, String name) {
    String value = exchange.queryParam(name);
    if (value == null || value.equals("false")) {
      return false;
    }
    if (value.equals("true")) {
      return true;
    }
    throw Problem.badRequest(name + " must be true or false");
  }

  private static Optional<String> person(Exchange exchange, boolean any) {
    String name = exchange.queryParam("person");
    if (any) {
      // Whatever name the gallery has.
      return Optional.of(
          Optional.ofNullable(name)
              .orElseThrow(() -> Problem.badRequest("person, whom to forget, is missing")));
    }
    return name(name);
  }

  /** A name that people may be given; empty if there is none. */
  static Optional<String> name(@Nullable String name) {
    if (name == null || name.isBlank()) {
      return Optional.empty();
    }
    String clean = name.strip();
    if (clean.length() > Limits.MAX_NAME
        || clean.codePoints().anyMatch(c -> Character.isISOControl(c))) {
      throw Problem.badRequest(
          "person must be at most " + Limits.MAX_NAME + " characters, none of control");
    }
    return Optional.of(clean);
  }
}
