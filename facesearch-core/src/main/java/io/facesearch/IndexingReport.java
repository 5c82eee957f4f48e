package io.facesearch;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What an indexing run did, file by file.
 *
 * @param files files found in the folder
 * @param images images read
 * @param faces faces added
 * @param alreadyIndexed files skipped because the index holds their faces
 * @param noFace photos without a face
 * @param broken files that could not be read, with the reason
 * @param cancelled true if the run was stopped before its end
 * @param elapsed time taken
 */
public record IndexingReport(
    int files,
    int images,
    int faces,
    int alreadyIndexed,
    List<Path> noFace,
    List<BrokenFile> broken,
    boolean cancelled,
    Duration elapsed) {

  /** Copies the lists. */
  public IndexingReport {
    noFace = List.copyOf(noFace);
    broken = List.copyOf(broken);
  }

  /**
   * A file that is no readable image.
   *
   * @param file the file
   * @param reason why
   */
  public record BrokenFile(Path file, String reason) {}
}
