package io.facesearch.index.internal.file;

import io.facesearch.StaleIndexException;
import io.facesearch.internal.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The index files that an index was loaded from or has written, each as it last knew it: what
 * others wrote since is not overwritten. Thread-safe; writes take turns.
 */
public final class KnownFiles {
  private final Map<Path, String> known = new HashMap<>();

  /** Loads a file. */
  public interface Load<T> {
    T load() throws IOException;
  }

  /** Loads a file into an index that knows it then, since this belongs to it. */
  public <T> T load(Path file, Load<T> load) throws IOException {
    AtomicFile.trySweep(AtomicFile.folder(AtomicFile.follow(file)));
    String before = IndexGeneration.of(file);
    T index = load.load();
    // One that was replaced meanwhile is not known.
    if (before != null && before.equals(IndexGeneration.of(file))) {
      put(file, before);
    }
    return index;
  }

  private synchronized void put(Path file, String generation) throws IOException {
    known.put(key(file), generation);
  }

  private static Path key(Path file) throws IOException {
    Path real = AtomicFile.follow(file).toAbsolutePath();
    return AtomicFile.folder(real).toRealPath().resolve(real.getFileName());
  }

  /**
   * Writes a file.
   *
   * @param overwrite whatever is there
   * @throws StaleIndexException if there is a file with faces that this index does not know
   */
  public synchronized void write(Path file, boolean overwrite, AtomicFile.Content content)
      throws IOException {
    Path key = key(file);
    AtomicFile.sweep(key.getParent());
    String[] written = new String[1];
    AtomicFile.write(
        file,
        channel -> {
          content.writeTo(channel);
          written[0] = IndexGeneration.of(channel, file);
        },
        current -> {
          if (current != null && !overwrite) {
            String found = IndexGeneration.of(current, file);
            if (!IndexGeneration.EMPTY.equals(found)
                && (found == null || !Objects.equals(found, known.get(key)))) {
              throw new StaleIndexException(
                  file
                      + (known.containsKey(key)
                          ? " was written by another since this index was loaded from it"
                          : " exists already, and this index was not loaded from it")
                      + ", so it is not replaced: what it holds would be lost, and who was forgotten"
                      + " there would come back; load it and repeat the change, save to another"
                      + " file, or delete it or use overwrite if it is not needed");
            }
          }
        });
    known.put(key, written[0]);
  }
}
