package io.facesearch.internal;

import io.facesearch.AlignmentTemplate;
import io.facesearch.FaceImage;
import java.util.List;

/** Checks the chips that embedders are given, one way for all of them. Stateless. */
public final class AlignedChips {
  private AlignedChips() {}

  /**
   * Checks the size of chips.
   *
   * @param chips the chips of one call
   * @param input the template of the model
   * @return a copy of the list
   * @throws IllegalArgumentException if one has another size
   */
  public static List<FaceImage> ofSize(List<FaceImage> chips, AlignmentTemplate input) {
    List<FaceImage> copy = List.copyOf(chips);
    for (int i = 0; i < copy.size(); i++) {
      FaceImage chip = copy.get(i);
      if (chip.width() != input.width() || chip.height() != input.height()) {
        throw new IllegalArgumentException(
            "chip "
                + (i + 1)
                + " of "
                + copy.size()
                + " must be "
                + input.width()
                + "x"
                + input.height()
                + " pixels, but is "
                + chip.width()
                + "x"
                + chip.height()
                + "; align the photo to the template "
                + input.name()
                + " with a FaceAligner");
      }
    }
    return copy;
  }
}
