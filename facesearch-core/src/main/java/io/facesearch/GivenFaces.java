package io.facesearch;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Faces whose ids and vectors callers give: what no gallery keeps is refused. Stateless. */
final class GivenFaces {
  private static final int LONGEST_ID = 10_000;

  private GivenFaces() {}

  /**
   * Checks that they are there, with ids that are lines of text.
   *
   * @throws IllegalArgumentException if not
   */
  static void check(@Nullable List<EmbeddedFace> faces) {
    if (faces == null) {
      throw new IllegalArgumentException(
          "the list of faces is null; expected one with a record and a vector each, or an empty"
              + " one");
    }
    int number = 0;
    for (EmbeddedFace face : faces) {
      number++;
      if (face == null) {
        throw new IllegalArgumentException(
            "face "
                + number
                + " of "
                + faces.size()
                + " is null; expected a record and a vector; nothing was added");
      }
      checkId(face.face().id());
    }
  }

  /**
   * Checks vectors of the right model: one of zeros has no direction, and is like nobody's.
   *
   * @throws IllegalArgumentException if one is
   */
  static void checkVectors(List<EmbeddedFace> faces) {
    for (EmbeddedFace face : faces) {
      if (isZero(face.embedding())) {
        throw new IllegalArgumentException(
            "the vector of face \""
                + face.face().id()
                + "\" must not be zero, but all its "
                + face.embedding().dimension()
                + " numbers are 0; leave it out, or embed the photo again; nothing"
                + " was added");
      }
    }
  }

  static void checkId(String id) {
    if (id.isEmpty()) {
      throw new IllegalArgumentException("the id of a face must not be empty");
    }
    OneLine.check("the id of a face", id, LONGEST_ID);
  }

  private static boolean isZero(Embedding vector) {
    for (int i = 0; i < vector.dimension(); i++) {
      if (vector.get(i) != 0) {
        return false;
      }
    }
    return true;
  }
}
