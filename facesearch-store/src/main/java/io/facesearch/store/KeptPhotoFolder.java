package io.facesearch.store;

import io.facesearch.KeptPhotos;
import io.facesearch.internal.AtomicFile;
import io.facesearch.internal.PrivateFiles;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Crops of photos that a store keeps, in a folder of its own, readable by their owner alone. Not
 * encrypted, also where the gallery is. Thread-safe.
 */
final class KeptPhotoFolder implements KeptPhotos {
  private final Path folder;

  KeptPhotoFolder(Path folder) {
    this.folder = folder;
  }

  /** The photos of a folder, which is made with the first. */
  static KeptPhotoFolder of(Path folder) {
    return new KeptPhotoFolder(folder);
  }

  @Override
  public void put(String name, byte[] jpeg) throws IOException {
    PrivateFiles.createFolders(folder);
    AtomicFile.write(file(name).orElseThrow(), jpeg);
  }

  private Optional<Path> file(String name) {
    return KeptPhotos.fileOf(name).map(folder::resolve);
  }

  @Override
  public Optional<byte[]> read(String name) throws IOException {
    Optional<Path> file = file(name);
    if (file.isEmpty() || !isPhoto(file.get())) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readAllBytes(file.get()));
    } catch (NoSuchFileException e) {
      return Optional.empty(); // deleted just then
    }
  }

  @Override
  public boolean has(String name) {
    return file(name).filter(KeptPhotoFolder::isPhoto).isPresent();
  }

  /** A link may lead anywhere, and none is of our making. */
  private static boolean isPhoto(Path file) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public Deleted delete(Collection<String> names) {
    return deleteFiles(names.stream().distinct().flatMap(name -> file(name).stream()).toList());
  }

  @Override
  public Deleted sweep(Supplier<Set<String>> names) {
    List<Path> files = new ArrayList<>();
    List<Left> left = new ArrayList<>();
    try (Stream<Path> all = Files.list(folder)) {
      AtomicFile.sweep(folder);
      all.filter(file -> FILE.matcher(file.getFileName().toString()).matches()).forEach(files::add);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return new Deleted(0, List.of()); // no photo was ever added
    } catch (IOException e) {
      left.add(new Left(folder, reason(e)));
    }
    if (!files.isEmpty()) {
      Set<String> kept = names.get();
      files.removeIf(file -> kept.contains(ROOT + file.getFileName()));
    }
    Deleted deleted = deleteFiles(files);
    left.addAll(deleted.left());
    return new Deleted(deleted.photos(), left);
  }

  private Deleted deleteFiles(List<Path> files) {
    int deleted = 0;
    List<Left> left = new ArrayList<>();
    for (Path file : files) {
      try {
        deleted += Files.deleteIfExists(file) ? 1 : 0;
      } catch (IOException e) {
        left.add(new Left(file, reason(e)));
      }
    }
    if (deleted > 0) {
      try {
        PrivateFiles.forceFolder(folder);
      } catch (IOException e) {
        left.add(new Left(folder, reason(e)));
      }
    }
    return new Deleted(deleted, left);
  }

  private static String reason(IOException e) {
    if (e instanceof DirectoryNotEmptyException) {
      return "a folder that is not empty lies in its place";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
