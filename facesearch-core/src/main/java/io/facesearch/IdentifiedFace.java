package io.facesearch;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A face in a photo, and who it is among the people of a gallery. Immutable and thread-safe.
 *
 * @param face the face in the photo
 * @param who who it is; the decisions do not take the quality of the face into account
 */
public record IdentifiedFace(AnalyzedFace face, Identification who) {
  /** Checks that no component is null. */
  public IdentifiedFace {
    Objects.requireNonNull(face, "face");
    Objects.requireNonNull(who, "who");
  }

  /** {@return where the face is, in pixels of the photo} */
  public BoundingBox box() {
    return face.box();
  }

  /** {@return the one name that is {@link Decision#SAME}; empty if there is none} */
  public Optional<String> person() {
    return who.person();
  }

  /**
   * Returns the result in words, with the reasons why a face is not good enough.
   *
   * @return such as {@code Ann}, {@code unsure: Ann or Bob}, {@code nobody}, {@code nobody
   *     (blurred)}
   */
  @Override
  public String toString() {
    String answer =
        switch (who.decision()) {
          case SAME -> person().orElse("a face without a name");
          case UNSURE -> "unsure: " + unsure();
          case DIFFERENT -> "nobody";
        };
    return face.isUsable() ? answer : answer + " (" + reasons() + ")";
  }

  private String unsure() {
    List<String> names =
        who.candidates().stream()
            .filter(match -> match.decision() == Decision.UNSURE)
            .flatMap(match -> match.person().stream())
            .toList();
    return names.isEmpty() ? "a face without a name" : String.join(" or ", names);
  }

  private String reasons() {
    return face.quality().rejections().stream()
        .map(measure -> measure.reason().words())
        .collect(Collectors.joining(", "));
  }
}
