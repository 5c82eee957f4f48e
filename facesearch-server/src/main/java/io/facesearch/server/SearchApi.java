package io.facesearch.server;

import io.facesearch.DecisionThreshold;
import io.facesearch.Embedding;
import io.facesearch.FaceImage;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import io.facesearch.Identification;
import io.facesearch.ModelCard;
import io.facesearch.Search;
import io.facesearch.SearchPlan;
import io.facesearch.SearchResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The part of the REST interface that compares faces. Thread-safe. */
final class SearchApi {
  private static final int K = 12;

  private static final int MAX_CANDIDATES = 5;

  private static final Set<String> SEARCH_FIELDS =
      Stream.concat(Filters.NAMES.stream(), Stream.of("vector", "face", "k"))
          .collect(Collectors.toUnmodifiableSet());

  private static final Set<String> FACE_FIELDS = Set.of("photo", "vector", "face");

  private final Gallery gallery;
  private final Metrics metrics;
  private final Uploads uploads;
  private final Thumbnails thumbnails;
  private final ServedFaces faces;
  private final PeopleApi people;

  SearchApi(
      Gallery gallery,
      Metrics metrics,
      Uploads uploads,
      Thumbnails thumbnails,
      ServedFaces faces,
      PeopleApi people) {
    this.gallery = gallery;
    this.metrics = metrics;
    this.uploads = uploads;
    this.thumbnails = thumbnails;
    this.faces = faces;
    this.people = people;
  }

  void search(Exchange exchange) throws IOException {
    if (!exchange.type().equals("application/json")) {
      searchPhoto(exchange);
      return;
    }
    Fields fields = Fields.parse(exchange.body(), SEARCH_FIELDS);
    int k = fields.whole("k", K, 1, Limits.MAX_K);
    Found found = find(embedding(fields, "the body"), k, Filters.of(fields, gallery));
    exchange.json(
        new Answers.VectorSearch(
            found.answer(), new Answers.Times(null, null, null, found.millis())));
  }

  private void searchPhoto(Exchange exchange) throws IOException {
    int k = Requests.number(exchange, "k", K, 1, Limits.MAX_K);
    Optional<Integer> face = Requests.faceNumber(exchange);
    boolean vectors = Requests.flag(exchange, "vectors");
    Filters filters = Filters.of(exchange, gallery);
    PhotoFaces photo = uploads.photo(exchange, vectors, face.orElse(null));
    int searched = face.orElse(photo.largest());
    Found found = null;
    if (!photo.faces().isEmpty()) {
      Embedding query = photo.embeddings().get(vectors ? searched : 0);
      found = find(query, k, filters);
    }
    exchange.json(
        new Answers.PhotoSearch(
            new Answers.Size(photo.photo().width(), photo.photo().height()),
            foundFaces(photo, vectors, vectors),
            found == null ? null : searched,
            found == null ? null : found.answer(),
            times(photo, found == null ? null : found.millis())));
  }

  void detect(Exchange exchange) throws IOException {
    PhotoFaces photo = uploads.photo(exchange, true, null);
    exchange.json(
        new Answers.PhotoSearch(
            new Answers.Size(photo.photo().width(), photo.photo().height()),
            foundFaces(photo, true, false),
            null,
            null,
            times(photo, null)));
  }

  void identify(Exchange exchange) throws IOException {
    PhotoFaces photo = uploads.photo(exchange, true, null);
    long start = System.nanoTime();
    List<Answers.FoundFace> found = foundFaces(photo, false, true);
    exchange.json(
        new Answers.Identified(
            new Answers.Size(photo.photo().width(), photo.photo().height()),
            found,
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
                        faces.shown(match.nearest()),
                        match.photos(),
                        Answers.round(match.distance()),
                        match.decision().name()))
            .toList());
  }

  private List<Answers.FoundFace> foundFaces(PhotoFaces photo, boolean vectors, boolean who) {
    List<Answers.FoundFace> found = new ArrayList<>();
    for (int i = 0; i < photo.faces().size(); i++) {
      found.add(
          Answers.FoundFace.of(
              photo.faces().get(i),
              photo.quality().get(i),
              photo.names().get(i),
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

  private Found find(Embedding query, int k, Filters filters) {
    long start = System.nanoTime();
    SearchResult result = gallery.search(query, Search.nearest(k).where(filters.filter()));
    double millis = (System.nanoTime() - start) / 1e6;
    metrics.stage("search", millis);
    Identification who = gallery.identify(query);
    List<Answers.Match> matches = new ArrayList<>();
    for (FaceMatch match : result) {
      matches.add(
          new Answers.Match(
              faces.shown(match.face()),
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
    exchange.json(
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
              ? chip(faces.require(fields.text("face").orElseThrow()).face(), exchange)
              : Optional.empty();
      return new Compared(embedding, null, chip.orElse(null));
    }
    if (fields.has("vector") || fields.has("face")) {
      throw Problem.badRequest("\"" + where + "\" must have one of photo, vector and face");
    }
    PhotoFaces found = uploads.photo(photo.get(), where, exchange);
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

  private Embedding embedding(Fields fields, String where) {
    if (fields.has("vector") == fields.has("face")) {
      throw Problem.badRequest(where + " must have either a vector or a face");
    }
    if (fields.has("face")) {
      return faces.require(fields.text("face").orElseThrow()).embedding();
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
}
