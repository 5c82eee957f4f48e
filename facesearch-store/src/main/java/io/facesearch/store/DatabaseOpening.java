package io.facesearch.store;

import io.facesearch.IndexWriteException;
import io.facesearch.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the database of a folder, or makes it, and checks first that nothing of it is lost. */
final class DatabaseOpening {
  private static final Logger LOG = LoggerFactory.getLogger(FaceStore.class);

  private final Path folder;
  private final @Nullable StoreKey key;
  private final boolean everyWrite;
  private final boolean salvage;
  private final DatabaseFile file;

  /**
   * Prepares to open it.
   *
   * @param key null for none
   * @param everyWrite whether each transaction waits for the disk
   * @param salvage whether it is opened although commits are lost
   */
  DatabaseOpening(Path folder, @Nullable StoreKey key, boolean everyWrite, boolean salvage)
      throws IOException {
    this.folder = folder;
    this.key = key;
    this.everyWrite = everyWrite;
    this.salvage = salvage;
    file = new DatabaseFile(folder);
  }

  /**
   * Opens it; called once.
   *
   * @param metric of a new one
   */
  FaceDatabase open(Metric metric) throws IOException {
    if (!Files.exists(file.path()) && Files.exists(file.temporary())) {
      Files.deleteIfExists(folder.resolve(CommitMark.FILE)); // it was being made; see create
    }
    file.deleteLeftovers();
    if (!Files.exists(file.path())) {
      file.refuseOrphans(folder);
      DatabaseCreation.create(folder, file, key, metric);
    }
    DatabaseTables tables = null;
    CommitMark mark = null;
    boolean done = false;
    try {
      file.open();
      int version = file.checkHead();
      boolean checked = !file.isLogged();
      if (!checked) {
        look(version);
      }
      tables = DatabaseTables.open(file, everyWrite);
      StoreDescription found = StoreDescription.read(tables, key, file);
      if (checked) {
        checkCommits(found, version);
      }
      mark = startMark(found);
      FaceDatabase database = new FaceDatabase(file, tables, found, mark, everyWrite);
      if (version < DatabaseFile.VERSION) {
        database.setVersion();
      }
      done = true;
      return database;
    } catch (SQLException e) {
      throw SqlFailures.of(file, SqlFailures.OPENED, e);
    } finally {
      if (!done) {
        close(tables, mark);
      }
    }
  }

  /** After a failure, which is what is told. */
  private void close(@Nullable DatabaseTables tables, @Nullable CommitMark mark)
      throws IOException {
    try (DatabaseFile closedLast = file;
        CommitMark closedSecond = mark;
        DatabaseTables closedFirst = tables) {
      LOG.debug("{} was not opened", file.path());
    } catch (SQLException e) {
      LOG.debug("the tables of {} could not be closed", file.path(), e);
    }
  }

  /** Checks a store that was not closed and changes nothing. */
  private void look(int version) throws IOException, SQLException {
    StoreDescription found;
    try (DatabaseTables reading = DatabaseTables.openToRead(file)) {
      found = StoreDescription.read(reading, key, file);
    } finally {
      file.deleteShared();
    }
    checkCommits(found, version);
    file.force();
  }

  private void checkCommits(StoreDescription found, int version) throws IOException {
    long commits = found.state().commits();
    // Version 1 did not count.
    if (!salvage && (version > 1 || commits > 0)) {
      CommitMark.check(folder.resolve(CommitMark.FILE), found.identity().id(), commits, file);
    }
  }

  /** Begins to count commits; in a file of version 1 too, which did not. */
  private CommitMark startMark(StoreDescription found) {
    Path counter = folder.resolve(CommitMark.FILE);
    try {
      return CommitMark.start(counter, found.identity().id(), found.state().commits());
    } catch (IOException e) {
      throw new IndexWriteException(
          file.path()
              + " could not be opened, as "
              + counter
              + " could not be written ("
              + e.getMessage()
              + "); free space, or make the file writable, and repeat",
          e);
    }
  }
}
