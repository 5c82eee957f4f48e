package io.facesearch;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What {@link Gallery#reembed} did.
 *
 * @param photos photos of the old gallery
 * @param faces faces that have a vector of the new model since this run
 * @param alreadyDone faces that had one before
 * @param updated of these, those that now have the record that the old gallery has since
 * @param others faces of the new gallery that the old one does not have: removed or forgotten there
 *     since, or never from there
 * @param missing faces of the old gallery that have no vector of the new model, and why
 * @param cancelled true if the run was stopped before its end
 * @param elapsed time taken
 */
public record ReembeddingReport(
    int photos,
    int faces,
    int alreadyDone,
    int updated,
    int others,
    List<Missing> missing,
    boolean cancelled,
    Duration elapsed) {

  /** Copies the list. */
  public ReembeddingReport {
    missing = List.copyOf(missing);
  }

  /**
   * How many faces are missing for one reason.
   *
   * @param why the reason
   * @return 0 or more
   */
  public int missing(Why why) {
    return (int) missing.stream().filter(face -> face.why() == why).count();
  }

  /** Why a face has no vector of the new model. */
  public enum Why {
    /** Its photo is not known, or gone. */
    NO_PHOTO,
    /** The file is another than the one that the face was taken from; whose it is is not known. */
    CHANGED,
    /** The file cannot be read. */
    BROKEN,
    /** No face is found where it was, or it has no box. */
    NOT_FOUND
  }

  /**
   * A face that did not come over.
   *
   * @param face as the old gallery has it
   * @param why the reason
   * @param detail more of it, if the photo cannot be read; names the file
   */
  public record Missing(FaceRecord face, Why why, Optional<String> detail) {}
}
