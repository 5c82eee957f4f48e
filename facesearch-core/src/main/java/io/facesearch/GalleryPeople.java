package io.facesearch;

import io.facesearch.internal.UnitVectors;
import io.facesearch.spi.GalleryStorage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The people of a {@link Gallery}: their names and groups, corrections of both, and the way back.
 * {@code Gallery} documents the methods. Thread-safe.
 */
final class GalleryPeople {
  private final GuardedIndex index;
  private final GalleryStorage storage;
  private volatile Names names = new Names(-1, List.of());

  private record Names(long version, List<NamedPerson> people) {}

  GalleryPeople(GuardedIndex index, GalleryStorage storage) {
    this.index = index;
    this.storage = storage;
  }

  /** Kept until the gallery has another version. */
  List<NamedPerson> names(long version) {
    Names known = names;
    if (known.version != version) {
      known = new Names(version, NamedPerson.of(index.faces()));
      names = known;
    }
    return known.people;
  }

  List<FaceMatch> faces(Person person) {
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

  Person merge(String first, String second) {
    Person merged = storage.merge(first, second);
    index.changed();
    return merged;
  }

  Person split(String person, Collection<String> faceIds) {
    Person other = storage.split(person, faceIds);
    index.changed();
    return other;
  }

  void keepApart(String first, String second) {
    storage.keepApart(first, second);
    index.changed();
  }

  Person reject(String person, Collection<String> faceIds) {
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
                    "no person has the id \"" + id + "\"; people() lists all people"));
  }

  PeopleSnapshot snapshot(Collection<String> faceIds) {
    Map<String, Optional<String>> persons = new HashMap<>();
    for (String id : faceIds) {
      index.get(id).ifPresent(face -> persons.put(id, face.face().person()));
    }
    return new PeopleSnapshot(persons, storage.grouping().orElse(null));
  }

  void restore(PeopleSnapshot snapshot) {
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

  int rename(String person, String newName) {
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

  void name(Collection<String> faceIds, String person) {
    rename(faceIds, known(person));
  }

  void unname(Collection<String> faceIds) {
    rename(faceIds, null);
  }

  /** A name that nobody has yet must be valid. */
  private String known(String name) {
    return index.faces(name).isEmpty() ? PersonName.check(name) : name;
  }

  private void rename(Collection<String> faceIds, @Nullable String person) {
    Set<String> ids = Set.copyOf(faceIds);
    List<EmbeddedFace> renamed = new ArrayList<>();
    for (String id : ids) {
      EmbeddedFace face =
          index
              .get(id)
              .orElseThrow(
                  () ->
                      new UnknownFaceException(
                          "no face with id \"" + id + "\" is in the gallery; nothing was changed"));
      renamed.add(new EmbeddedFace(face.face().renamed(person), face.embedding()));
    }
    index.replaceAll(ids, renamed);
  }
}
