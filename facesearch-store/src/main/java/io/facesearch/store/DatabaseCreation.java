package io.facesearch.store;

import com.google.crypto.tink.KeysetHandle;
import io.facesearch.Metric;
import io.facesearch.index.internal.file.Seal;
import io.facesearch.index.internal.snapshot.VectorSpace;
import io.facesearch.internal.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes the database of a new store. Stateless. */
final class DatabaseCreation {
  private DatabaseCreation() {}

  /** Makes it under another name; a crash leaves all of it or nothing. */
  static void create(Path folder, DatabaseFile file, @Nullable StoreKey key, Metric metric)
      throws IOException {
    UUID uuid = UUID.randomUUID();
    KeysetHandle dataKey = key == null ? null : StoreKey.newDataKey();
    Seal newSeal = dataKey == null ? new Seal(null, uuid) : StoreKey.seal(dataKey, uuid);
    byte[] wrapped = key == null || dataKey == null ? new byte[0] : key.wrap(dataKey, uuid);
    Path counter = folder.resolve(CommitMark.FILE);
    boolean done = false;
    try {
      try (DatabaseWriter target = new DatabaseWriter(file.temporary(), newSeal)) {
        target.finish(
            new StoreMeta.Header(uuid, wrapped).encode(),
            new VectorSpace("", 0, metric),
            StoreState.EMPTY,
            null,
            null);
      }
      // Before the database has its name: one without a counter is then never in order.
      CommitMark.start(counter, uuid, 0).close();
      AtomicFile.replace(file.temporary(), file.path());
      done = true;
    } catch (SQLException e) {
      throw SqlFailures.of(file, "made", e);
    } finally {
      if (!done && !Files.exists(file.path())) {
        Files.deleteIfExists(counter);
      }
      Files.deleteIfExists(file.temporary());
    }
  }
}
