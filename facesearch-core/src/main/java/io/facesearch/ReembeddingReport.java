package io.facesearch;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What {@link Gallery#reembed} did. Immutable and thread-safe. */
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

  /** {@return the number of photos of the old gallery} */
  public int photos() {
    return photos;
  }

  /** {@return how many faces got a vector of the new model in this run} */
  public int faces() {
    return faces;
  }

  /** {@return how many faces had one before} */
  public int alreadyDone() {
    return alreadyDone;
  }

  /** {@return how many of {@link #alreadyDone} had changed in the old gallery, and were updated} */
  public int updated() {
    return updated;
  }

  /**
   * {@return how many faces of the new gallery the old one does not have: they were removed or
   * forgotten there, or never came from there}
   */
  public int others() {
    return others;
  }

  /** {@return the faces of the old gallery that have no vector of the new model, and why} */
  public List<Missing> missing() {
    return missing;
  }

  /** {@return whether the run was stopped early} */
  public boolean cancelled() {
    return cancelled;
  }

  /** {@return the time taken} */
  public Duration elapsed() {
    return elapsed;
  }

  /**
   * Counts the faces that are missing for one reason.
   *
   * @param why the reason
   * @return 0 or more
   */
  public int missing(Why why) {
    return (int) missing.stream().filter(face -> face.why() == why).count();
  }

  /** Why a face has no vector of the new model. */
  public enum Why {
    /** Its photo is gone or unknown. */
    NO_PHOTO,
    /** The file is not the one that the face was taken from, so it may show somebody else. */
    CHANGED,
    /** The file cannot be read. */
    BROKEN,
    /** No face is found in its place, or its place is unknown. */
    NOT_FOUND
  }

  /** A face that was not copied. */
  public static final class Missing {
    private final FaceRecord face;
    private final Why why;
    private final @Nullable String detail;

    Missing(FaceRecord face, Why why, @Nullable String detail) {
      this.face = face;
      this.why = why;
      this.detail = detail;
    }

    /** {@return the record in the old gallery} */
    public FaceRecord face() {
      return face;
    }

    /** {@return the reason} */
    public Why why() {
      return why;
    }

    /** {@return details if the photo cannot be read; they name the file} */
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
