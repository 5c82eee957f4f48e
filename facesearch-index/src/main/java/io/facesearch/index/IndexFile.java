package io.facesearch.index;

import io.facesearch.FaceIndex;
import io.facesearch.index.internal.file.FaceFile;
import io.facesearch.index.internal.file.KnownFiles;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Writes all faces of an index to a file that {@link FlatIndex#load} and {@link
 * SigmoidTreeIndex#load} read. The format is described in {@code docs/FORMAT.md}. Stateless and
 * thread-safe.
 */
public final class IndexFile {
  private IndexFile() {}

  /**
   * Writes a snapshot of an index. The data is written beside the target under another name, forced
   * to disk and then renamed, so the target is always either the old file or the new one. O(d · n).
   *
   * @param index any index; faces added meanwhile are not in the file
   * @param file the file; an existing one is replaced only if the index is of this package, and was
   *     loaded from it or was the last to write it
   * @throws io.facesearch.StaleIndexException if the existing file is not such a file
   * @throws IllegalArgumentException if an id, person, source or model is not valid Unicode
   * @throws io.facesearch.ModelMismatchException if the index holds vectors of several models
   * @throws IOException if the file cannot be written
   */
  public static void write(FaceIndex index, Path file) throws IOException {
    write(index, file, false);
  }

  /**
   * Writes a snapshot of an index as {@link #write} does, even if that loses what others have
   * written to the file.
   *
   * @param index any index; faces added meanwhile are not in the file
   * @param file the file; replaced if it exists
   * @throws IllegalArgumentException if an id, person, source or model is not valid Unicode
   * @throws io.facesearch.ModelMismatchException if the index holds vectors of several models
   * @throws IOException if the file cannot be written
   */
  public static void overwrite(FaceIndex index, Path file) throws IOException {
    write(index, file, true);
  }

  private static void write(FaceIndex index, Path file, boolean overwrite) throws IOException {
    KnownFiles known = index instanceof MemoryIndex ours ? ours.knownFiles : new KnownFiles();
    FaceFile.write(index.faces(), index.metric(), known, file, overwrite);
  }

  /**
   * Returns whether a file is an index file, judging by its first bytes only.
   *
   * @param file any file
   * @return false if it is not, or is a folder, or does not exist
   * @throws IOException if it cannot be read
   */
  public static boolean isOne(Path file) throws IOException {
    return FaceFile.isOne(file);
  }
}
