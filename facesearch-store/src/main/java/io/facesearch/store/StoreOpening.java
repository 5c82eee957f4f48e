package io.facesearch.store;

import io.facesearch.IndexLockedException;
import io.facesearch.IndexWriteException;
import io.facesearch.internal.LockedFile;
import io.facesearch.internal.PrivateFiles;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Locks the folder of a {@link FaceStore} and opens what is in it. Stateless. */
final class StoreOpening {
  private static final Logger LOG = LoggerFactory.getLogger(FaceStore.class);

  private StoreOpening() {}

  private static @Nullable LockedFile lock(Path folder) throws IOException {
    Path file = folder.resolve(FaceStore.LOCK);
    try {
      return LockedFile.open(file);
    } catch (FileSystemException e) {
      throw new IndexWriteException(
          "the face store "
              + folder
              + " cannot be opened, as its file "
              + FaceStore.LOCK
              + " cannot be written ("
              + (e.getReason() == null ? e.getClass().getSimpleName() : e.getReason())
              + "): a store is written to even to be searched; make the folder writable, or copy it"
              + " to where it can be written, and open the copy",
          e);
    }
  }

  /** Makes or opens the store of a folder. */
  static FaceStore open(FaceStore.Builder settings) throws IOException {
    // Its real path, so that ".." after a link leads where the system says.
    Path folder = PrivateFiles.createFolders(settings.folder).toRealPath();
    LockedFile lock = lock(folder);
    if (lock == null) {
      throw new IndexLockedException(
          "the face store "
              + folder
              + " is open already, in this process or another; close it there first, or share one"
              + " FaceStore between threads");
    }
    FaceDatabase database = null;
    FaceStore store = null;
    try {
      database =
          new DatabaseOpening(
                  folder, settings.key, settings.sync == SyncPolicy.EVERY_WRITE, settings.salvage)
              .open(settings.index.metric());
      FaceStore opened =
          new FaceStore(
              folder,
              settings.sync,
              lock,
              database,
              StoreLoader.load(folder, database, settings.index),
              settings.personDistance);
      opened.start();
      store = opened;
      return store;
    } finally {
      if (store == null) {
        try (LockedFile closedLast = lock;
            FaceDatabase closedFirst = database) {
          LOG.debug("{} was not opened", folder);
        }
      }
    }
  }
}
