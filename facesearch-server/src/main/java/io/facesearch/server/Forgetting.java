package io.facesearch.server;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.ForgetReceipt;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Forgets people and deletes the photos of them that clients had added, in this order: a photo that
 * is left without its face is found and deleted later, a face without its photo is not. Stateless.
 */
public final class Forgetting {
  private Forgetting() {}

  /**
   * What was forgotten.
   *
   * @param receipt of the index
   * @param faces that were removed
   * @param photos that were deleted, or could not be
   */
  public record Forgotten(
      ForgetReceipt receipt, List<FaceRecord> faces, AddedPhotos.Deleted photos) {
    /** Copies the list. */
    public Forgotten {
      faces = List.copyOf(faces);
    }
  }

  /**
   * Forgets a person. If the index fails, no photo was deleted.
   *
   * @param index that knows the person
   * @param photos of clients
   * @param person whom
   * @return what was done
   */
  public static Forgotten forget(FaceIndex index, AddedPhotos photos, String person) {
    List<FaceRecord> faces = new ArrayList<>();
    for (EmbeddedFace face : index.faces()) {
      if (face.face().concerns(person)) {
        faces.add(face.face());
      }
    }
    ForgetReceipt receipt = index.forget(person);
    AddedPhotos.Deleted deleted =
        photos.delete(faces.stream().flatMap(face -> face.source().stream()).toList());
    return new Forgotten(receipt, faces, deleted);
  }

  /**
   * Deletes photos that no face has: a process was killed before it added the face, or after it
   * removed it.
   *
   * @param index whose faces; nobody adds to it meanwhile
   * @param photos of clients
   * @return what was deleted, or could not be
   */
  public static AddedPhotos.Deleted sweep(FaceIndex index, AddedPhotos photos) {
    Set<String> names = new HashSet<>();
    for (EmbeddedFace face : index.faces()) {
      face.face().source().filter(name -> name.startsWith(AddedPhotos.ROOT)).ifPresent(names::add);
    }
    return photos.sweep(names);
  }
}
