package io.facesearch.server;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.Forgotten;
import io.facesearch.Gallery;
import io.facesearch.NamedPerson;
import io.facesearch.PeopleSnapshot;
import io.facesearch.Person;
import io.facesearch.UnknownFaceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The part of the REST interface that lists and corrects people. Thread-safe. */
final class PeopleApi {
  private static final Logger LOG = LoggerFactory.getLogger(PeopleApi.class);

  /** How long a request waits for people to be grouped; after that it tells whom it knows. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final long UNDO_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** The largest of so many faces stands for a person. */
  private static final int FACES_LOOKED_AT = 24;

  private final ServedGallery served;
  private final Gallery gallery;
  private final GroupedPeople grouped;
  private final FaceKeys keys;
  private final Thumbnails thumbnails;
  private final ServedFaces shown;

  /** What the last correction changed; null if it can no longer be taken back. */
  private @Nullable Undo undo;

  /** Begins anywhere, so that no other server on the gallery, nor a later one, gives the same. */
  private int corrections = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE / 2);

  private record Undo(int correction, PeopleSnapshot before, long at) {}

  PeopleApi(ServedGallery served, Thumbnails thumbnails, FaceKeys keys, ServedFaces shown) {
    this.served = served;
    gallery = served.gallery();
    grouped = served.grouped();
    this.keys = keys;
    this.thumbnails = thumbnails;
    this.shown = shown;
  }

  // Lists

  /** Whoever bears a name, without those who are only grouped. */
  void names(Exchange exchange) {
    Requests.Part wanted = Requests.part(exchange);
    String part = Optional.ofNullable(exchange.queryParam("q")).orElse("").toLowerCase(Locale.ROOT);
    List<NamedPerson> all =
        gallery.names().stream().filter(person -> contains(person.name(), part)).toList();
    exchange.json(
        new Answers.People(
            all.size(),
            wanted
                .of(all)
                .map(p -> new Answers.Person(p.name(), p.faces(), keys.keyOf(p.face())))
                .toList()));
  }

  void list(Exchange exchange) {
    Requests.Part wanted = Requests.part(exchange);
    String part = Optional.ofNullable(exchange.queryParam("q")).orElse("").toLowerCase(Locale.ROOT);
    GroupedPeople.State state = grouped.within(PATIENCE);
    List<Person> all =
        state.people().stream()
            .filter(p -> part.isEmpty() || p.name().filter(n -> contains(n, part)).isPresent())
            .sorted( // stable: those without a name stay by their number of faces
                Comparator.comparing((Person p) -> p.name().isEmpty())
                    .thenComparing(p -> p.name().orElse("")))
            .toList();
    exchange.json(
        new Answers.Groups(
            all.size(),
            (int) all.stream().filter(p -> p.name().isPresent()).count(),
            grouped.isCurrent(),
            wanted.of(all).map(this::group).toList()));
  }

  private static boolean contains(String name, String part) {
    return name.toLowerCase(Locale.ROOT).contains(part);
  }

  Answers.Group group(Person person) {
    return new Answers.Group(
        person.id(),
        person.name().orElse(null),
        person.faceIds().size(),
        keys.keyOf(bestFace(person)));
  }

  /** The largest of some that bear the name, if one does. */
  private String bestFace(Person person) {
    return person.faceIds().stream()
        .limit(FACES_LOOKED_AT)
        .flatMap(id -> gallery.get(id).stream())
        .map(EmbeddedFace::face)
        .max(
            Comparator.comparing((FaceRecord face) -> face.person().equals(person.name()))
                .thenComparing(face -> face.box().map(box -> box.area()).orElse(0.0)))
        .map(FaceRecord::id)
        .orElse(person.faceIds().get(0));
  }

  void one(Exchange exchange) {
    exchange.json(group(require(exchange)));
  }

  void faces(Exchange exchange) {
    Requests.Part wanted = Requests.part(exchange);
    Person person = require(exchange);
    double near = gallery.threshold().distance();
    List<FaceMatch> faces = gallery.faces(person);
    exchange.json(
        new Answers.PersonFaces(
            faces.size(),
            wanted
                .of(faces)
                .map(
                    match ->
                        new Answers.PersonFace(
                            shown.shown(match.face()),
                            Answers.round(match.distance()),
                            !match.face().person().equals(person.name())
                                || match.distance() > near))
                .toList()));
  }

  void similar(Exchange exchange) {
    Person person = require(exchange);
    List<Answers.Group> similar = List.of();
    try {
      similar = gallery.similar(person.id()).stream().limit(12).map(this::group).toList();
    } catch (IllegalArgumentException e) {
      throw unknown(); // merged meanwhile
    }
    exchange.json(new Answers.Similar(similar));
  }

  private Person require(Exchange exchange) {
    return require(exchange.pathParam("id"));
  }

  private Person require(String id) {
    Optional<Person> known = grouped.within(PATIENCE).person(id);
    if (known.isEmpty() && !grouped.isCurrent()) {
      throw Problem.busy("faces are being grouped into people; try again soon")
          .with("Retry-After", "2");
    }
    return known.orElseThrow(PeopleApi::unknown);
  }

  private static Problem unknown() {
    return new Problem(404, "unknown_person", "no person of that id is in the gallery any more");
  }

  // Corrections

  void name(Exchange exchange) {
    Fields fields = Fields.parse(exchange.body(), Set.of("name"));
    String name = name(fields);
    correct(
        exchange,
        () -> {
          Person person = require(exchange);
          remember(person.faceIds());
          gallery.name(confirmed(person), name);
          return named(name);
        });
  }

  /** Those that bear the name of a person; all of one without a name. */
  private List<String> confirmed(Person person) {
    return person.faceIds().stream()
        .filter(
            id -> gallery.get(id).filter(f -> f.face().person().equals(person.name())).isPresent())
        .toList();
  }

  void merge(Exchange exchange) {
    String otherId = other(exchange);
    correct(
        exchange,
        () -> {
          Person person = require(exchange);
          Person other = require(otherId);
          if (person.id().equals(otherId)) {
            throw Problem.badRequest("\"other\" is the person itself");
          }
          remember(Stream.of(person, other).flatMap(p -> p.faceIds().stream()).toList());
          if (person.name().isEmpty() && other.name().isEmpty()) {
            return gallery.merge(person.id(), otherId).faceIds().get(0);
          }
          String name = person.name().or(other::name).orElseThrow();
          Person joins = person.name().isPresent() ? other : person;
          gallery.name(joins.faceIds(), name);
          return named(name);
        });
  }

  void split(Exchange exchange) {
    List<String> faces = faceIds(Fields.parse(exchange.body(), Set.of("faces")));
    correct(
        exchange,
        () -> {
          Person person = require(exchange);
          remember(faces);
          return gallery.reject(person.id(), faces).faceIds().get(0);
        });
  }

  void move(Exchange exchange) {
    Fields fields = Fields.parse(exchange.body(), Set.of("faces", "name"));
    List<String> faces = faceIds(fields);
    String name = name(fields);
    correct(
        exchange,
        () -> {
          remember(faces);
          gallery.name(faces, name);
          return faces.get(0);
        });
  }

  void apart(Exchange exchange) {
    String other = other(exchange);
    correct(
        exchange,
        () -> {
          Person person = require(exchange);
          remember(List.of());
          gallery.keepApart(person.id(), require(other).id());
          return person.faceIds().get(0);
        });
  }

  private static String other(Exchange exchange) {
    return Fields.parse(exchange.body(), Set.of("other"))
        .text("other")
        .orElseThrow(() -> Problem.badRequest("\"other\", the id of a person, is missing"));
  }

  private static String name(Fields fields) {
    return Requests.name(fields.text("name").orElse(""))
        .orElseThrow(() -> Problem.badRequest("\"name\" is missing"));
  }

  private List<String> faceIds(Fields fields) {
    List<String> ids = fields.texts("faces").stream().map(keys::idOf).distinct().toList();
    if (ids.isEmpty()) {
      throw Problem.badRequest("\"faces\" must name at least one face");
    }
    return ids;
  }

  /** A face of whoever bears a name. */
  private String named(String name) {
    return gallery.names().stream()
        .filter(person -> person.name().equals(name))
        .findFirst()
        .orElseThrow(PeopleApi::unknown)
        .face();
  }

  /** Runs a correction that returns a face of whom it leads to. */
  private synchronized void correct(Exchange exchange, Supplier<String> work) {
    served.requireWritable();
    String face;
    try {
      face = work.get();
    } catch (UnknownFaceException e) {
      throw new Problem(404, "unknown_face", "a face is no longer in the gallery");
    } catch (IllegalArgumentException e) {
      throw new Problem(
          409, "changed_meanwhile", "these people are not as they were; load them again");
    }
    Person now = grouped.within(PATIENCE).of(face).orElse(null);
    Undo last = undo;
    exchange.json(
        new Answers.Corrected(
            last == null ? null : last.correction, now == null ? null : group(now)));
  }

  /** What it was before the correction that follows. */
  private void remember(List<String> faces) {
    undo = new Undo(++corrections, gallery.snapshot(new HashSet<>(faces)), System.nanoTime());
  }

  synchronized void undo(Exchange exchange) {
    int wanted =
        Fields.parse(exchange.body(), Set.of("correction"))
            .whole("correction", 0, 0, Integer.MAX_VALUE);
    served.requireWritable();
    Undo last = undo;
    if (last == null || last.correction != wanted || System.nanoTime() - last.at > UNDO_NANOS) {
      throw new Problem(
          409,
          "changed_meanwhile",
          "this can no longer be taken back: it is too long ago, or something was changed since");
    }
    undo = null;
    gallery.restore(last.before);
    grouped.within(PATIENCE);
    exchange.status(204);
  }

  /** Forgets a person with or without a name. */
  void forget(Exchange exchange) {
    served.requireWritable();
    Person person = require(exchange);
    Forgotten done = gallery.forget(person);
    forgotten(exchange, person.name().orElse(""), done);
  }

  /** Forgets whoever bears a name, whatever name that is. */
  void forgetName(Exchange exchange) {
    String person =
        Optional.ofNullable(exchange.queryParam("person"))
            .orElseThrow(() -> Problem.badRequest("person, whom to forget, is missing"));
    served.requireWritable();
    forgotten(exchange, person, gallery.forget(person));
  }

  private void forgotten(Exchange exchange, String person, Forgotten done) {
    warn(done.photosNotDeleted().size());
    thumbnails.clear();
    dropUndo();
    if (done.receipt().faces() == 0) {
      throw new Problem(404, "unknown_person", "nobody of that name is in the gallery");
    }
    exchange.json(
        new Answers.Forgotten(
            person,
            done.receipt().at().toString(),
            done.receipt().faces(),
            done.receipt().stateHash(),
            done.photosDeleted(),
            done.photosNotDeleted().size(),
            done.photosLeft().size()));
  }

  static void warn(int photosNotDeleted) {
    if (photosNotDeleted > 0) {
      LOG.warn(
          "{} photos that clients had added could not be deleted; 'facesearch forget' tells where"
              + " they lie",
          photosNotDeleted);
    }
  }

  /** Nothing of who was forgotten may come back. */
  synchronized void dropUndo() {
    undo = null;
  }

  /** Who a face without a name is grouped with, as far as that is known; asks for it if not. */
  List<Answers.Match> grouped(List<Answers.Match> matches, List<FaceMatch> found) {
    if (found.stream().allMatch(match -> match.face().person().isPresent())) {
      return matches;
    }
    GroupedPeople.State state = grouped.within(Duration.ZERO);
    List<Answers.Match> with = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      String group = state.of(found.get(i).face().id()).map(Person::id).orElse(null);
      with.add(matches.get(i).in(group));
    }
    return with;
  }
}
