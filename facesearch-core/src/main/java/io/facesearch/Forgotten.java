package io.facesearch;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * The result of {@link Gallery#forget}. It contains the person's name, so keep it only as long as
 * you are allowed to. Immutable and thread-safe.
 *
 * @param receipt from the storage
 * @param photosDeleted how many crops the gallery had kept and now deleted
 * @param photosNotDeleted crops that could not be deleted; opening the gallery tries again
 * @param photosLeft files in the gallery's folders that show the person. They are not the gallery's
 *     to delete: delete them yourself, or do not add them again
 */
public record Forgotten(
    ForgetReceipt receipt,
    int photosDeleted,
    List<KeptPhotos.Left> photosNotDeleted,
    List<Path> photosLeft) {
  /** Copies the lists. */
  public Forgotten {
    Objects.requireNonNull(receipt, "receipt");
    photosNotDeleted = List.copyOf(photosNotDeleted);
    photosLeft = List.copyOf(photosLeft);
  }
}
