package io.facesearch.store;

import io.facesearch.CorruptIndexException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.index.internal.snapshot.VectorSpace;
import io.facesearch.index.internal.tree.TreeIndex;
import io.facesearch.internal.LockedFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Compares the files of a {@link FaceStore} with their checksums and with what is in memory. */
final class StoreVerification {
  private StoreVerification() {}

  /** See {@link FaceStore#verify}; called with the locks of files and writers. */
  static StoreReport verify(
      Path folder, LockedFile lock, FaceDatabase database, TreeIndex index, StoreTree tree) {
    try {
      long start = System.nanoTime();
      if (!lock.isInPlace()) {
        throw database.corrupt("its lock was deleted or replaced while the store was open", null);
      }
      database.checkPages();
      VectorSpace space = database.space();
      List<EmbeddedFace> faces = index.faces();
      float[] vector = new float[space.dimension()];
      int[] read = {0};
      long[] digest = {0};
      database.scan(
          0,
          (seq, plain) -> {
            FaceRecord record = database.decode(seq, plain, vector, 0);
            EmbeddedFace face = new EmbeddedFace(record, Embedding.of(space.model(), vector));
            if (read[0] >= faces.size() || !faces.get(read[0]).equals(face)) {
              throw database.corrupt(
                  "row " + seq + " of faces is not what the index in memory has", null);
            }
            digest[0] += StoreState.digest(seq, plain);
            read[0]++;
          });
      database.checkSum(read[0], digest[0]);
      long bytes = database.bytes() + tree.verify();
      return new StoreReport(
          read[0],
          bytes,
          database.identity().seal().hides(),
          Duration.ofNanos(System.nanoTime() - start));
    } catch (NoSuchFileException e) {
      throw new CorruptIndexException(
          "the face store "
              + folder
              + " is damaged: "
              + e.getMessage()
              + " was deleted while it was verified; restore it from a copy",
          e);
    } catch (IOException e) {
      throw new FaceSearchException(
          "the face store "
              + folder
              + " could not be read to be verified ("
              + e.getMessage()
              + "); fix the disk and repeat",
          e);
    }
  }
}
