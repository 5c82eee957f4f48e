package io.facesearch;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What {@link Gallery#reembed} did. */
public final class ReembeddingReport {
  private final int photos;
  private final int faces;
  private final int alreadyDone;
  private final int updated;
  private final int others;
  private final List<Missing> missing;
  private final boolean cancelled;
  private final Duration elapsed;

  ReembeddingReport(
      int photos,
      int faces,
      int alreadyDone,
      int updated,
      int others,
      List<Missing> missing,
      boolean cancelled,
      Duration elapsed) {
    this.photos = photos;
    this.faces = faces;
    this.alreadyDone = alreadyDone;
    this.updated = updated;
    this.others = others;
    this.missing = List.copyOf(missing);
    this.cancelled = cancelled;
    this.elapsed = elapsed;
  }

  /** {@return photos of the old gallery} */
  public int photos() {
    return photos;
  }

  /** {@return faces that have a vector of the new model since this run} */
  public int faces() {
    return faces;
  }

  /** {@return faces that had one before} */
  public int alreadyDone() {
    return alreadyDone;
  }

  /** {@return of these, those that now have the record that the old gallery has since} */
  public int updated() {
    return updated;
  }

  /**
   * {@return faces of the new gallery that the old one does not have: removed or forgotten there
   * since, or never from there}
   */
  public int others() {
    return others;
  }

  /** {@return faces of the old gallery that have no vector of the new model, and why} */
  public List<Missing> missing() {
    return missing;
  }

  /** {@return true if the run was stopped before its end} */
  public boolean cancelled() {
    return cancelled;
  }

  /** {@return time taken} */
  public Duration elapsed() {
    return elapsed;
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

  /** A face that did not come over. */
  public static final class Missing {
    private final FaceRecord face;
    private final Why why;
    private final @Nullable String detail;

    Missing(FaceRecord face, Why why, @Nullable String detail) {
      this.face = face;
      this.why = why;
      this.detail = detail;
    }

    /** {@return as the old gallery has it} */
    public FaceRecord face() {
      return face;
    }

    /** {@return the reason} */
    public Why why() {
      return why;
    }

    /** {@return more of it, if the photo cannot be read; names the file} */
    public Optional<String> detail() {
      return Optional.ofNullable(detail);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Missing that
          && face.equals(that.face)
          && why.equals(that.why)
          && Objects.equals(detail, that.detail);
    }

    @Override
    public int hashCode() {
      return Objects.hash(face, why, detail);
    }

    @Override
    public String toString() {
      return "Missing[" + "face=" + face + ", " + "why=" + why + ", " + "detail=" + detail + "]";
    }
  }
}
