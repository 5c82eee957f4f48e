package io.facesearch;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A collection of embedded faces that is searched by distance. It is tied to one model: the first
 * face added fixes model and dimension, unless they were set beforehand.
 *
 * <p>Implementations must be thread-safe: any number of searches run concurrently with each other
 * and with one writer. A search sees all or nothing of an {@code addAll}, and everything that was
 * added before the search began.
 */
public interface FaceIndex extends AutoCloseable {
  /**
   * Adds one face. Searches find it from the moment that this method returns.
   *
   * @param face the face
   * @throws DuplicateFaceException if the id is already in use
   * @throws ModelMismatchException if model or dimension differ from those of the index
   */
  default void add(EmbeddedFace face) {
    addAll(List.of(face));
  }

  /**
   * Adds faces: all of them, or none if any is rejected.
   *
   * @param faces the faces; an empty list does nothing
   * @throws DuplicateFaceException if an id is already in use, or occurs twice in the list
   * @throws ModelMismatchException if model or dimension differ from those of the index
   */
  void addAll(List<EmbeddedFace> faces);

  /**
   * Searches for faces.
   *
   * @param query a vector of the same model
   * @param request how many faces, within which distance, which faces, and how exactly
   * @return the matches, nearest first; ties in insertion order
   * @throws ModelMismatchException if model or dimension differ from those of the index
   */
  SearchResult search(Embedding query, Search request);

  /**
   * Finds the k nearest faces, exactly.
   *
   * @param query a vector of the same model
   * @param k how many, at least 1; the result has fewer if the index does
   * @return the matches, nearest first; ties in insertion order
   * @throws IllegalArgumentException if k is less than 1
   * @throws ModelMismatchException if model or dimension differ from those of the index
   */
  default SearchResult search(Embedding query, int k) {
    return search(query, Search.nearest(k));
  }

  /**
   * Searches for faces like one in the index. The result does not include that face itself.
   *
   * @param faceId the id of that face
   * @param request how many faces, within which distance, which faces, and how exactly
   * @return the matches, nearest first; ties in insertion order
   * @throws UnknownFaceException if no face has that id
   */
  default SearchResult search(String faceId, Search request) {
    EmbeddedFace face =
        get(faceId)
            .orElseThrow(
                () ->
                    new UnknownFaceException(
                        "no face in the index has the id \""
                            + faceId
                            + "\"; search with its vector instead"));
    Set<String> excluded = new HashSet<>(request.excluded());
    excluded.add(faceId);
    return search(face.embedding(), request.excluding(excluded));
  }

  /**
   * Searches with several queries at once. By default this costs as much as one search for each;
   * implementations may be faster.
   *
   * @param queries vectors of the same model
   * @param request for each query: how many faces, within which distance, which faces, and how
   *     exactly
   * @return one result per query, in the same order
   * @throws ModelMismatchException if model or dimension of a query differ from those of the index
   */
  default List<SearchResult> searchAll(List<Embedding> queries, Search request) {
    return queries.stream().map(query -> search(query, request)).toList();
  }

  /**
   * Replaces the face that has the same id: its record and its vector. It then counts as inserted
   * last.
   *
   * @param face the face
   * @throws UnknownFaceException if no face has that id
   * @throws ModelMismatchException if model or dimension differ from those of the index
   */
  void update(EmbeddedFace face);

  /**
   * Removes a face. Searches that begin later do not find it.
   *
   * @param id the id of the face
   * @return false if no face has that id
   */
  boolean remove(String id);

  /**
   * Removes faces and adds others atomically: a search sees either the old or the new ones. A new
   * face may have the id of a removed one. New faces count as inserted last.
   *
   * @param ids of the faces to remove
   * @param faces to add
   * @throws UnknownFaceException if no face has one of the ids; nothing is changed then
   * @throws DuplicateFaceException if an id is already in use, or occurs twice; nothing is changed
   *     then
   * @throws ModelMismatchException if model or dimension differ from those of the index
   */
  void replaceAll(Set<String> ids, List<EmbeddedFace> faces);

  /**
   * Removes all faces of a person, and faces without a name in photos of that person ({@link
   * FaceRecord#concerns}), with every trace of them in the index: afterwards none of its arrays or
   * files holds their vectors or records. Costs as much as rebuilding the index.
   *
   * @param person the name
   * @return what was done
   */
  ForgetReceipt forget(String person);

  /**
   * Looks up a face.
   *
   * @param id the id of the face
   * @return the face, or empty
   */
  Optional<EmbeddedFace> get(String id);

  /**
   * Lists all faces. Go through the list by its iterator; access by position may be slow.
   *
   * @return a snapshot, in insertion order
   */
  List<EmbeddedFace> faces();

  /**
   * Lists the faces that have a name. By default this goes through all faces; implementations may
   * be faster.
   *
   * @param person the name
   * @return in insertion order; empty if there are none
   */
  default List<EmbeddedFace> faces(String person) {
    return faces().stream()
        .filter(face -> face.face().person().filter(person::equals).isPresent())
        .toList();
  }

  /**
   * Counts people by their number of photos. By default this goes through all faces;
   * implementations may be faster.
   *
   * @return the current composition
   */
  default GalleryComposition composition() {
    int nameless = 0;
    Map<String, Integer> photos = new HashMap<>();
    for (EmbeddedFace face : faces()) {
      if (face.face().person().isPresent()) {
        photos.merge(face.face().person().get(), 1, Integer::sum);
      } else {
        nameless++;
      }
    }
    SortedMap<Integer, Integer> people = new TreeMap<>();
    photos.values().forEach(count -> people.merge(count, 1, Integer::sum));
    return new GalleryComposition(nameless, people);
  }

  /** {@return the number of faces, not counting removed ones} */
  int size();

  /**
   * {@return the fingerprint of the model that the index is tied to; empty while none was set and
   * no face was added}
   */
  Optional<String> model();

  /**
   * {@return how this index compares vectors, and so the unit of {@link FaceMatch#distance()};
   * {@link Metric#EUCLIDEAN} unless the index was made for another metric}
   */
  default Metric metric() {
    return Metric.EUCLIDEAN;
  }

  /**
   * Returns where the indexed folders of photos are on this machine, by name of their {@link
   * PhotoRoot}. This is local information and part of no portable file.
   *
   * @return a snapshot
   */
  Map<String, Path> roots();

  /**
   * Sets where a folder of photos is from now on.
   *
   * @param root name and folder; replaces the one with the same name
   */
  void setRoot(PhotoRoot root);

  /**
   * Removes a folder of photos from {@link #roots}. Its faces stay.
   *
   * @param name of a {@link PhotoRoot}; unknown names are ignored
   */
  void removeRoot(String name);

  /**
   * Finds the photo of a face on this machine.
   *
   * @param face a face of this index
   * @return the file, with symbolic links resolved; empty if its folder is unknown, or the file is
   *     gone or lies outside that folder
   */
  default Optional<Path> photoOf(FaceRecord face) {
    return face.source()
        .flatMap(
            source ->
                PhotoRoot.nameIn(source)
                    .flatMap(name -> Optional.ofNullable(roots().get(name)))
                    .flatMap(folder -> PhotoRoot.fileIn(folder, source)));
  }

  /**
   * Writes what is pending and releases files and other resources. An index in memory has none and
   * stays usable; one that reads from a file can no longer be used. Calling this again does
   * nothing.
   */
  @Override
  default void close() {}
}
