package io.facesearch.store;

import io.facesearch.Metric;
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
    StoreIdentity identity = StoreIdentity.create(uuid, key);
    Path counter = folder.resolve(CommitMark.FILE);
    boolean done = false;
    try {
      try (DatabaseWriter target = new DatabaseWriter(file.temporary(), identity.seal())) {
        target.finish(
            identity.header(), new VectorSpace("", 0, metric), StoreState.EMPTY, null, null);
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
