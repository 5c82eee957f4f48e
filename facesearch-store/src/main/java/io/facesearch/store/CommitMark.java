package io.facesearch.store;

import io.facesearch.LostChangesException;
import io.facesearch.index.internal.file.Seal;
import io.facesearch.internal.AtomicFile;
import io.facesearch.internal.FileClaim;
import io.facesearch.internal.PrivateFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * How many commits a store made, in a small file beside its database: the database takes a damaged
 * end of its log for one that was never written, and would drop the commits there without a word.
 *
 * <p>The file tells two numbers. Those <em>made</em> are noted after each commit, without waiting
 * for the disk: they must be there as long as the machine has not been started anew, as the end of
 * a process takes nothing that the operating system has. Those <em>forced</em> are noted, and
 * forced themselves, after the log was forced; they must be there whatever happened. So neither a
 * kill nor a loss of power is taken for damage. A note goes to one of two slots, in turn, each with
 * a checksum: one that was cut short leaves the other. It holds no faces and is not encrypted.
 *
 * <p>Thread-safe.
 */
final class CommitMark implements AutoCloseable {
  static final String FILE = "faces.commits";

  private static final int SLOTS = 2;

  /** Bytes between the slots: never in one block of a disk. */
  private static final int STRIDE = 4096;

  private static final int PLAIN = 8 + 8 + 16;
  private static final int SEALED = PLAIN + 4;

  /** Kind of what is sealed. */
  private static final int KIND = 5;

  /** Of a machine that does not tell when it was started. */
  private static final UUID UNKNOWN = new UUID(0, 0);

  private static final UUID BOOT = boot();

  private final Path path;
  private final Object key;
  private final RandomAccessFile file;
  private final UUID store;
  private long made;
  private long forced;

  /** The slot that may not be on the disk. */
  private int first;

  private CommitMark(Path path, UUID store) throws IOException {
    this.path = path;
    key = FileClaim.key(path);
    file = new RandomAccessFile(path.toFile(), "rw");
    this.store = store;
  }

  /** Names the run of the operating system; only Linux tells it. */
  private static UUID boot() {
    try {
      return UUID.fromString(Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip());
    } catch (IOException | IllegalArgumentException | SecurityException e) {
      return UNKNOWN;
    }
  }

  /**
   * Which numbers of commits agree with the file.
   *
   * @param least commits that there must be; -1 if the file is damaged
   * @param most commits that there can be: in one run of the machine each is noted before the next
   *     is made
   */
  record Bounds(long least, long most) {}

  /**
   * Reads the file.
   *
   * @throws java.nio.file.NoSuchFileException if there is none
   */
  static Bounds bounds(Path path, UUID store) throws IOException {
    return bounds(path, store, BOOT);
  }

  /** The same in some run of the operating system. */
  static Bounds bounds(Path path, UUID store, UUID now) throws IOException {
    try (FileChannel in = FileChannel.open(path, StandardOpenOption.READ)) {
      Seal seal = new Seal(null, store);
      long least = -1;
      long most = -1;
      for (int slot = 0; slot < SLOTS; slot++) {
        ByteBuffer bytes = ByteBuffer.allocate(SEALED);
        while (bytes.hasRemaining()
            && in.read(bytes, (long) slot * STRIDE + bytes.position()) >= 0) {}
        byte[] plain = seal.open(bytes.array(), KIND, slot);
        if (plain != null) {
          ByteBuffer note = ByteBuffer.wrap(plain).order(ByteOrder.LITTLE_ENDIAN);
          long made = note.getLong();
          long forced = note.getLong();
          UUID boot = new UUID(note.getLong(), note.getLong());
          boolean sameRun = boot.equals(now) && !boot.equals(UNKNOWN);
          long noted = sameRun ? Math.max(made, forced) : forced;
          least = Math.max(least, noted);
          most = Math.max(most, sameRun ? noted + 1 : Long.MAX_VALUE);
        }
      }
      return new Bounds(least, most);
    }
  }

  /** A slot's bytes. */
  static byte[] encode(UUID store, int slot, long made, long forced, UUID boot) {
    return new Seal(null, store)
        .seal(
            ByteBuffer.allocate(PLAIN)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(made)
                .putLong(forced)
                .putLong(boot.getMostSignificantBits())
                .putLong(boot.getLeastSignificantBits())
                .array(),
            KIND,
            slot);
  }

  /**
   * Starts to note the commits of a store anew.
   *
   * @param commits that there are, on the disk
   */
  static CommitMark start(Path path, UUID store, long commits) throws IOException {
    if (!Files.exists(path)) {
      PrivateFiles.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE).close();
      PrivateFiles.forceFolder(AtomicFile.folder(path));
    }
    CommitMark mark = new CommitMark(path, store);
    boolean done = false;
    try {
      mark.made = commits;
      mark.forced = commits;
      mark.write(0);
      mark.write(1);
      mark.file.getFD().sync();
      done = true;
      return mark;
    } finally {
      if (!done) {
        mark.close();
      }
    }
  }

  private void write(int slot) throws IOException {
    // Not by a channel, which an interrupt would close.
    file.seek((long) slot * STRIDE);
    file.write(encode(store, slot, made, forced, BOOT));
  }

  Path path() {
    return path;
  }

  /** False if the file was deleted or replaced while it was open. */
  boolean isInPlace() {
    try {
      return key.equals(FileClaim.key(path));
    } catch (IOException e) {
      return false;
    }
  }

  /** Notes commits that the operating system has. */
  synchronized void made(long commits) throws IOException {
    if (commits > made) {
      made = commits;
      write(first);
      write(1 - first);
    }
  }

  /** Notes commits that the disk has, and waits for the disk. */
  synchronized void forced(long commits) throws IOException {
    if (commits > forced) {
      made = Math.max(made, commits);
      forced = commits;
      write(first);
      file.getFD().sync();
      first = 1 - first;
      write(first);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    file.close();
  }

  /**
   * Compares the number of commits that a database holds with what there must be.
   *
   * @param found in the database
   * @throws LostChangesException if they are fewer or more
   */
  static void check(Path path, UUID id, long found, DatabaseFile file) throws IOException {
    Bounds bounds;
    try {
      bounds = bounds(path, id);
    } catch (NoSuchFileException e) {
      bounds = new Bounds(-1, -1); // every store of this version has one
    }
    if (bounds.least() < 0) {
      throw lost(file, "the file " + FILE + ", which counts them, is missing or damaged");
    }
    if (found < bounds.least()) {
      throw lost(
          file,
          "of "
              + bounds.least()
              + " that were made, it holds the first "
              + found
              + ": the end of its log, "
              + file.log().getFileName()
              + ", is damaged or missing, or an older copy of "
              + FaceDatabase.FILE
              + " took its place");
    }
    if (found > bounds.most()) {
      throw lost(
          file,
          "it holds "
              + found
              + ", and the file "
              + FILE
              + ", which counts them, knows of "
              + bounds.least()
              + ": an older copy took its place, so that later ones would not be missed");
    }
  }

  private static LostChangesException lost(DatabaseFile file, String why) {
    return new LostChangesException(
        "the face store "
            + file.path()
            + " has lost changes, or may have: "
            + why
            + "; restore it from a backup, or open what is left with"
            + " FaceStore.builder(folder).salvage(true)");
  }
}
