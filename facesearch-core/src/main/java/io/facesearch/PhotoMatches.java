package io.facesearch;

import java.util.List;
import java.util.Objects;

/**
 * The result of a search by photo: either {@link Found} or {@link NoFace}. A photo without a face
 * never has matches. Immutable and thread-safe.
 */
public sealed interface PhotoMatches {
  /**
   * Returns the matches, for callers to whom a photo without a face is an error.
   *
   * @return the matches, nearest first
   * @throws NoFaceException if the photo has no face
   */
  List<FaceMatch> orThrow();

  /**
   * A face was found and searched.
   *
   * @param face the face of the photo that was searched
   * @param otherFaces how many other faces the photo has
   * @param result the matches, nearest first
   * @param who who it is, among the people of the gallery; {@code who.decision(match)} is the
   *     decision about a match
   */
  record Found(AnalyzedFace face, int otherFaces, SearchResult result, Identification who)
      implements PhotoMatches {

    /** Checks that no component is null. */
    public Found {
      Objects.requireNonNull(face, "face");
      Objects.requireNonNull(result, "result");
      Objects.requireNonNull(who, "who");
    }

    @Override
    public List<FaceMatch> orThrow() {
      return result.matches();
    }
  }

  /**
   * The photo has no detectable face.
   *
   * @param width of the photo, pixels
   * @param height of the photo, pixels
   */
  record NoFace(int width, int height) implements PhotoMatches {
    @Override
    public List<FaceMatch> orThrow() {
      throw new NoFaceException(
          "no face was found in the photo of "
              + width
              + "x"
              + height
              + " pixels; use a photo with an upright face of at least 40 pixels, or another"
              + " detector");
    }
  }
}
