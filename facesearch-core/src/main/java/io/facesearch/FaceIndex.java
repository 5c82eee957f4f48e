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
 * A gallery of embeddings that is searched by distance. It is bound to one model: the first face
 * added fixes model and dimension unless the implementation was given them.
 *
 * <p>Implementations must be thread-safe: any number of searches run beside each other and beside
 * one writer; a search sees all of an {@code addAll} or nothing of it, and everything that was
 * added before it began.
 */
public interface FaceIndex extends AutoCloseable {
  /**
   * Adds one face. It can be found when the method returns.
   *
   * @param face the face
   * @throws DuplicateFaceException if the id is taken
   * @throws ModelMismatchException if model or dimension differ from those of the index
   */
  default void add(EmbeddedFace face) {
    addAll(List.of(face));
  }

  /**
   * Adds faces, all or none.
   *
   * @param faces the faces; an empty list does nothing
   * @throws DuplicateFaceException if an id is taken, or occurs twice in the list
   * @throws ModelMismatchException if model or dimension differ from those of the index
   */
  void addAll(List<EmbeddedFace> faces);

  /**
   * Finds the faces that a request asks for.
   *
   * @param query a vector of the same model
   * @param request how many faces, how far, which of them, and how exactly
   * @return nearest first; equal distances in order of insertion
   * @throws ModelMismatchException if model or dimension differ from those of the index
   */
  SearchResult search(Embedding query, Search request);

  /**
   * Finds the nearest faces, exactly.
   *
   * @param query a vector of the same model
   * @param k how many, at least 1; fewer come back if the index holds fewer
   * @return nearest first; equal distances in order of insertion
   * @throws IllegalArgumentException if k is less than 1
   * @throws ModelMismatchException if model or dimension differ from those of the index
   */
  default SearchResult search(Embedding query, int k) {
    return search(query, Search.nearest(k));
  }

  /**
   * Finds faces like one of the index, without that one.
   *
   * @param faceId its id
   * @param request how many faces, how far, which of them, and how exactly
   * @return nearest first; equal distances in order of insertion
   * @throws UnknownFaceException if no face has that id
   */
  default SearchResult search(String faceId, Search request) {
    EmbeddedFace face =
        get(faceId)
            .orElseThrow(
                () ->
                    new UnknownFaceException(
                        "faces like one of the index were asked for, but no face has the id \""
                            + faceId
                            + "\"; search with its vector instead"));
    Set<String> excluded = new HashSet<>(request.excluded());
    excluded.add(faceId);
    return search(face.embedding(), request.excluding(excluded));
  }

  /**
   * Answers the same request for many queries. What it costs is what each of them costs, unless the
   * implementation knows better.
   *
   * @param queries vectors of the same model
   * @param request how many faces for each, how far, which of them, and how exactly
   * @return one result for each query, in their order
   * @throws ModelMismatchException if model or dimension of a query differ from those of the index
   */
  default List<SearchResult> searchAll(List<Embedding> queries, Search request) {
    return queries.stream().map(query -> search(query, request)).toList();
  }

  /**
   * Replaces the face of the same id: its record and its vector. It then counts as the face that
   * was inserted last.
   *
   * @param face the face
   * @throws UnknownFaceException if no face has that id
   * @throws ModelMismatchException if model or dimension differ from those of the index
   */
  void update(EmbeddedFace face);

  /**
   * Removes a face. No search that begins later finds it.
   *
   * @param id its id
   * @return false if no face has that id
   */
  boolean remove(String id);

  /**
   * Removes faces and adds others in one step: a search sees all of it or nothing. A new face may
   * take the id of a removed one; new faces count as inserted last.
   *
   * @param ids of the faces to be removed
   * @param faces to be added
   * @throws UnknownFaceException if no face has one of the ids; nothing is changed then
   * @throws DuplicateFaceException if an id is taken, or occurs twice; nothing is changed then
   * @throws ModelMismatchException if model or dimension differ from those of the index
   */
  void replaceAll(Set<String> ids, List<EmbeddedFace> faces);

  /**
   * Removes all faces of a person, and those without a name in photos of that person ({@link
   * FaceRecord#concerns}), with every trace of them that the index keeps; afterwards no array or
   * file of the index holds their vectors or records. Costs as much as building the index anew.
   *
   * @param person whose faces
   * @return what was done
   */
  ForgetReceipt forget(String person);

  /**
   * Looks a face up.
   *
   * @param id its id
   * @return the face, or empty
   */
  Optional<EmbeddedFace> get(String id);

  /**
   * Lists all faces; its iterator is the way to go through them.
   *
   * @return a snapshot in order of insertion
   */
  List<EmbeddedFace> faces();

  /**
   * Lists the faces that bear a name. Goes through all faces unless the implementation knows
   * better.
   *
   * @param person the name
   * @return in order of insertion; empty if there are none
   */
  default List<EmbeddedFace> faces(String person) {
    return faces().stream()
        .filter(face -> face.face().person().filter(person::equals).isPresent())
        .toList();
  }

  /**
   * Counts the people by their photos. Goes through all faces unless the implementation knows
   * better.
   *
   * @return as the index is now
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

  /** {@return the number of faces, those removed not counted} */
  int size();

  /**
   * Fingerprint of the model the index is bound to.
   *
   * @return empty while the index is empty and was given none
   */
  Optional<String> model();

  /**
   * How this index compares vectors, and so the unit of {@link FaceMatch#distance()}.
   *
   * @return {@link Metric#EUCLIDEAN} unless the index was made for another
   */
  default Metric metric() {
    return Metric.EUCLIDEAN;
  }

  /**
   * Where the folders lie whose photos are indexed, on this machine: name of the {@link PhotoRoot}
   * and folder. Local knowledge that is in no portable file.
   *
   * @return a snapshot
   */
  Map<String, Path> roots();

  /**
   * Notes where a folder of photos lies from now on.
   *
   * @param root name and folder; takes the place of one of the same name
   */
  void setRoot(PhotoRoot root);

  /**
   * Notes that no folder of that name is known any more. Its faces stay.
   *
   * @param name of a {@link PhotoRoot}; one that is not known does nothing
   */
  void removeRoot(String name);

  /**
   * Finds the photo of a face on this machine.
   *
   * @param face a face of this index
   * @return the file, symbolic links followed; empty if its folder is not known, or the file is
   *     gone, or lies outside of the folder
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
   * Frees what the index holds beside memory, after it wrote all it has to. An index in memory
   * holds nothing and stays usable; one that reads a file cannot be used any more. May be called
   * twice.
   */
  @Override
  default void close() {}
}
