package io.facesearch;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * What {@link Gallery#forget} did. Names the person, so keep it only as long as you may. Immutable
 * and thread-safe.
 *
 * @param receipt of the storage
 * @param photosDeleted crops of photos that the gallery had kept and deleted
 * @param photosNotDeleted crops that could not be deleted; opening the gallery tries again
 * @param photosLeft files in the folders of the gallery that show the person: they are the owner's,
 *     who may delete them, or else must not add them again
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
