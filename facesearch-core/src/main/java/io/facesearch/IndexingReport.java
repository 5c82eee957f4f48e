package io.facesearch;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an indexing run did: counts, and the photos that need attention. Immutable and thread-safe.
 */
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

  /**
   * Takes what a run has counted.
   *
   * @param walk through the folder; null of other runs
   */
  IndexingReport(
      IndexingTally tally,
      int files,
      @Nullable PhotoWalk walk,
      List<CrowdedPhoto> crowded,
      boolean cancelled,
      Duration elapsed) {
    this.files = files;
    images = tally.images;
    faces = tally.faces;
    alreadyIndexed = tally.alreadyIndexed;
    replaced = tally.replaced;
    renamed = tally.renamed;
    gone = tally.gone;
    outdated = tally.outdated;
    notPhotos = walk == null ? 0 : walk.notPhotos;
    foreign = walk == null ? 0 : walk.foreign;
    backslashes = walk == null ? 0 : walk.backslashes;
    links = walk == null ? 0 : walk.links;
    broken = List.copyOf(tally.broken);
    this.crowded = List.copyOf(crowded);
    noFace = List.copyOf(tally.noFace);
    namedByPhotos = tally.namedByPhotos;
    ignoredNames = List.copyOf(tally.ignoredNames);
    this.cancelled = cancelled;
    this.elapsed = elapsed;
  }

  /** {@return photos found in the folder, including those that could not be read} */
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

  /** {@return photos whose faces the index already had} */
  public int alreadyIndexed() {
    return alreadyIndexed;
  }

  /**
   * {@return photos whose file was replaced since: the old faces were removed and the new ones
   * added}
   */
  public int replaced() {
    return replaced;
  }

  /** {@return photos that were renamed: their faces were kept, not computed again} */
  public int renamed() {
    return renamed;
  }

  /**
   * {@return photos that the index has faces of, but that are no longer in the folder; see {@link
   * Gallery#planPruning}}
   */
  public int gone() {
    return gone;
  }

  /**
   * {@return unreadable photos that replaced one that the index still has faces of; see {@link
   * Gallery#planPruning}}
   */
  public int outdated() {
    return outdated;
  }

  /**
   * {@return files that are not photos, such as texts and videos; a photo is recognized by its file
   * name extension or its first bytes}
   */
  public int notPhotos() {
    return notPhotos;
  }

  /**
   * {@return files and folders that were skipped because they are hidden or belong to other
   * software: trash, thumbnails}
   */
  public int foreign() {
    return foreign;
  }

  /**
   * {@return photos with a backslash in their name, on systems where it does not separate folders.
   * They come from an archive that was made on Windows and unpacked without its folders, so names
   * of people in those folders were not seen}
   */
  public int backslashes() {
    return backslashes;
  }

  /** {@return symbolic links that were skipped} */
  public int links() {
    return links;
  }

  /** {@return the photos and folders that could not be read, with the reason} */
  public List<BrokenFile> broken() {
    return broken;
  }

  /**
   * {@return the photos of a person that have more than one face, and how it was decided which of
   * them gets the name}
   */
  public List<CrowdedPhoto> crowded() {
    return crowded;
  }

  /** {@return the photos without a face} */
  public List<String> noFace() {
    return noFace;
  }

  /**
   * {@return faces that got the name stored in their photo; see {@link
   * GalleryBuilder#namesFromPhotos}}
   */
  public int namedByPhotos() {
    return namedByPhotos;
  }

  /** {@return the photos that have names stored in them that were ignored, with the reason} */
  public List<BrokenFile> ignoredNames() {
    return ignoredNames;
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
   * A photo or folder that cannot be read, completely or in part.
   *
   * @param photo the path of the file, or the name of the photo
   * @param reason why; it names the photo
   */
  public record BrokenFile(String photo, @Nullable String reason) {}

  /** How it was decided which of several faces gets the name. */
  public enum NamedBy {
    /** It is the only one that matches the person's other photos. */
    OTHER_PHOTOS,
    /** It is clearly the largest, and no face matches other photos of the person. */
    SIZE,
    /** None got the name: they are of similar size, and either none or several match. */
    NOTHING
  }

  /**
   * A photo of a person that has several faces.
   *
   * @param photo the path of the file, or the name of the photo
   * @param person whose photo it is
   * @param faces the number of faces
   * @param namedBy how it was decided
   */
  public record CrowdedPhoto(String photo, String person, int faces, NamedBy namedBy) {}
}
