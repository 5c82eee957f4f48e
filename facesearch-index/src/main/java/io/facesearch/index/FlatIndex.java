package io.facesearch.index;

import io.facesearch.FaceIndex;
import io.facesearch.Metric;
import io.facesearch.index.internal.file.FaceFile;
import io.facesearch.index.internal.file.KnownFiles;
import io.facesearch.index.internal.snapshot.ScanIndex;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Exact search by comparing the query with every face: no structure, no tuning, and the reference
 * for every other index.
 *
 * <p>A search costs O(n · d) for n faces of d dimensions; adding costs O(d) per face. Thread-safe
 * as required by {@link FaceIndex}; searches take no locks.
 */
public final class FlatIndex extends MemoryIndex {
  /** Creates an empty index, which the first face ties to its model. */
  public FlatIndex() {
    this(Metric.EUCLIDEAN);
  }

  /**
   * Creates an empty index, which the first face ties to its model.
   *
   * @param metric how the index compares vectors
   */
  public FlatIndex(Metric metric) {
    this(new ScanIndex(metric), new KnownFiles());
  }

  private FlatIndex(ScanIndex index, KnownFiles knownFiles) {
    super(index, knownFiles);
  }

  /**
   * Reads an index file into a new index.
   *
   * @param file a file written by {@link IndexFile#write}
   * @return the index, with the faces in the order of the file
   * @throws io.facesearch.CorruptIndexException if the file is damaged or not an index file
   * @throws io.facesearch.IndexVersionException if this release does not read the file's version
   * @throws IOException if the file cannot be read
   */
  public static FlatIndex load(Path file) throws IOException {
    KnownFiles known = new KnownFiles();
    return new FlatIndex(
        known.load(file, () -> FaceFile.read(file, ScanIndex::new, ScanIndex::addImmutable)),
        known);
  }

  /**
   * Writes the faces to a file; see {@link IndexFile#write}.
   *
   * @param file the file; an existing one is replaced only if this index was loaded from it or was
   *     the last to write it
   * @throws io.facesearch.StaleIndexException if the existing file is not such a file
   * @throws IOException if the file cannot be written; an existing file is then unchanged
   */
  public void save(Path file) throws IOException {
    IndexFile.write(this, file);
  }

  /**
   * Writes the faces to a file, even if that loses what others have written to it.
   *
   * @param file the file; replaced if it exists
   * @throws IOException if the file cannot be written; an existing file is then unchanged
   */
  public void overwrite(Path file) throws IOException {
    IndexFile.overwrite(this, file);
  }
}
