package io.facesearch;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an indexing run did, file by file. */
public final class IndexingReport {
  private final int files;
  private final int images;
  private final int faces;
  private final int alreadyIndexed;
  private final int replaced;
  private final int renamed;
  private final int gone;
  private final int outdated;
  private final int notPhotos;
  private final int foreign;
  private final int backslashes;
  private final int links;
  private final List<BrokenFile> broken;
  private final List<CrowdedPhoto> crowded;
  private final List<String> noFace;
  private final int namedByPhotos;
  private final List<BrokenFile> ignoredNames;
  private final boolean cancelled;
  private final Duration elapsed;

  IndexingReport(
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
      int namedByPhotos,
      List<BrokenFile> ignoredNames,
      boolean cancelled,
      Duration elapsed) {
    this.files = files;
    this.images = images;
    this.faces = faces;
    this.alreadyIndexed = alreadyIndexed;
    this.replaced = replaced;
    this.renamed = renamed;
    this.gone = gone;
    this.outdated = outdated;
    this.notPhotos = notPhotos;
    this.foreign = foreign;
    this.backslashes = backslashes;
    this.links = links;
    this.broken = List.copyOf(broken);
    this.crowded = List.copyOf(crowded);
    this.noFace = List.copyOf(noFace);
    this.namedByPhotos = namedByPhotos;
    this.ignoredNames = List.copyOf(ignoredNames);
    this.cancelled = cancelled;
    this.elapsed = elapsed;
  }

  /** {@return photos found in the folder, those that could not be read included} */
  public int files() {
    return files;
  }

  /** {@return images read} */
  public int images() {
    return images;
  }

  /** {@return faces added} */
  public int faces() {
    return faces;
  }

  /** {@return photos whose faces the index holds} */
  public int alreadyIndexed() {
    return alreadyIndexed;
  }

  /** {@return photos whose file is another than before: the old faces went, the new ones came} */
  public int replaced() {
    return replaced;
  }

  /** {@return photos that were known under another name: their faces were not taken anew} */
  public int renamed() {
    return renamed;
  }

  /**
   * {@return photos of which the index has faces, but that are not in the folder any more; {@link
   * Gallery#planPruning} removes them}
   */
  public int gone() {
    return gone;
  }

  /**
   * {@return broken photos of which the index still has the faces of the file that they replaced;
   * {@link Gallery#planPruning} removes those too}
   */
  public int outdated() {
    return outdated;
  }

  /**
   * {@return files beside the photos, such as texts and videos; a photo is told by the ending of
   * its name, or by its first bytes}
   */
  public int notPhotos() {
    return notPhotos;
  }

  /**
   * {@return files and folders that were passed over because they are hidden or are put there by
   * other software: trash, thumbnails}
   */
  public int foreign() {
    return foreign;
  }

  /**
   * {@return photos whose name has a backslash, on systems where that divides nothing: of an
   * archive made on Windows and unpacked without its folders, so that their names of people are not
   * seen}
   */
  public int backslashes() {
    return backslashes;
  }

  /** {@return symbolic links that were passed over} */
  public int links() {
    return links;
  }

  /** {@return photos and folders that could not be read, with the reason} */
  public List<BrokenFile> broken() {
    return broken;
  }

  /** {@return photos of a person with more than one face, and which of them has the name} */
  public List<CrowdedPhoto> crowded() {
    return crowded;
  }

  /** {@return photos without a face} */
  public List<String> noFace() {
    return noFace;
  }

  /**
   * {@return faces that got the name that their photo gives them; see {@link
   * GalleryBuilder#namesFromPhotos}}
   */
  public int namedByPhotos() {
    return namedByPhotos;
  }

  /** {@return photos of which names that they give were ignored, with the reason} */
  public List<BrokenFile> ignoredNames() {
    return ignoredNames;
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
   * A photo or folder that, or of which something, cannot be read.
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
