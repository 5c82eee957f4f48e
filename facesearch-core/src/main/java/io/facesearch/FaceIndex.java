package io.facesearch;

import java.util.List;
import java.util.Optional;

/**
 * A gallery of embeddings that is searched by distance. It is bound to one model: the first face
 * added fixes model and dimension unless the implementation was given them.
 *
 * <p>Implementations must be thread-safe: any number of searches run beside each other and beside
 * one writer; a search sees all of an {@code addAll} or nothing of it, and everything that was
 * added before it began.
 */
public interface FaceIndex {
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
   * Finds the nearest faces.
   *
   * @param query a vector of the same model
   * @param k how many, at least 1; fewer come back if the index holds fewer
   * @return nearest first; equal distances in order of insertion
   * @throws IllegalArgumentException if k is less than 1
   * @throws ModelMismatchException if model or dimension differ from those of the index
   */
  SearchResult search(Embedding query, int k);

  /**
   * Looks a face up.
   *
   * @param id its id
   * @return the face, or empty
   */
  Optional<EmbeddedFace> get(String id);

  /**
   * Lists all faces.
   *
   * @return a snapshot in order of insertion
   */
  List<EmbeddedFace> faces();

  /**
   * Number of faces.
   *
   * @return 0 or more
   */
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
}
