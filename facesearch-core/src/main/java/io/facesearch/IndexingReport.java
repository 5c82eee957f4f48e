package io.facesearch;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an indexing run did, file by file.
 *
 * @param files photos found in the folder, those that could not be read included
 * @param images images read
 * @param faces faces added
 * @param alreadyIndexed photos whose faces the index holds
 * @param replaced photos whose file is another than before: the old faces went, the new ones came
 * @param renamed photos that were known under another name: their faces were not taken anew
 * @param gone photos of which the index has faces, but that are not in the folder any more; {@link
 *     Gallery#planPruning} removes them
 * @param outdated broken photos of which the index still has the faces of the file that they
 *     replaced; {@link Gallery#planPruning} removes those too
 * @param notPhotos files beside the photos, such as texts and videos; a photo is told by the ending
 *     of its name, or by its first bytes
 * @param foreign files and folders that were passed over because they are hidden or are put there
 *     by other software: trash, thumbnails
 * @param backslashes photos whose name has a backslash, on systems where that divides nothing: of
 *     an archive made on Windows and unpacked without its folders, so that their names of people
 *     are not seen
 * @param links symbolic links that were passed over
 * @param broken photos and folders that could not be read, with the reason
 * @param crowded photos of a person with more than one face, and which of them has the name
 * @param noFace photos without a face
 * @param cancelled true if the run was stopped before its end
 * @param elapsed time taken
 */
public record IndexingReport(
    int files,
    int images,
    int faces,
    int alreadyIndexed,
    int replaced,
    int renamed,
    int gone,
    int outdated,
    int notPhotos,
    int foreign,
    int backslashes,
    int links,
    List<BrokenFile> broken,
    List<CrowdedPhoto> crowded,
    List<String> noFace,
    boolean cancelled,
    Duration elapsed) {

  /** Copies the lists. */
  public IndexingReport {
    broken = List.copyOf(broken);
    crowded = List.copyOf(crowded);
    noFace = List.copyOf(noFace);
  }

  /**
   * A photo or folder that cannot be read.
   *
   * @param photo the path of the file, or the name of the photo
   * @param reason why; names it
   */
  public record BrokenFile(String photo, @Nullable String reason) {}

  /** By what one of several faces got the name. */
  public enum NamedBy {
    /** It alone agrees with the person's other photos. */
    OTHER_PHOTOS,
    /** It is clearly the largest, and no face agrees with other photos of the person. */
    SIZE,
    /** None has the name: they are of similar size, and not exactly one agrees. */
    NOTHING
  }

  /**
   * A photo of a person in which there are several faces.
   *
   * @param photo the path of the file, or the name of the photo
   * @param person whose photo it is
   * @param faces how many there are
   * @param namedBy how it was decided
   */
  public record CrowdedPhoto(String photo, String person, int faces, NamedBy namedBy) {}
}
