package io.facesearch.server;

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
import java.util.stream.Stream;

/**
 * Photos that clients added, in a folder of a gallery, readable by their owner alone. Not
 * encrypted, also where the gallery is. Thread-safe.
 */
public final class PhotoFolder implements AddedPhotos {
  private final Path folder;

  private PhotoFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * The photos of a folder.
   *
   * @param folder made with the first photo
   * @return the photos
   */
  public static PhotoFolder of(Path folder) {
    return new PhotoFolder(folder);
  }

  @Override
  public String add(byte[] jpeg) throws IOException {
    String name = AddedPhotos.newName();
    put(name, jpeg);
    return name;
  }

  /**
   * Takes one over from another gallery.
   *
   * @param name from {@link AddedPhotos#newName}
   * @param jpeg its bytes
   * @throws IOException if it cannot be written
   */
  public void put(String name, byte[] jpeg) throws IOException {
    PrivateFiles.createFolders(folder);
    AtomicFile.write(file(name).orElseThrow(), jpeg);
  }

  private Optional<Path> file(String name) {
    return AddedPhotos.fileOf(name).map(folder::resolve);
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
    return file(name).filter(PhotoFolder::isPhoto).isPresent();
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
  public Deleted sweep(Set<String> names) {
    List<Path> files = new ArrayList<>();
    List<Left> left = new ArrayList<>();
    try (Stream<Path> all = Files.list(folder)) {
      AtomicFile.sweep(folder);
      all.filter(file -> FILE.matcher(file.getFileName().toString()).matches())
          .filter(file -> !names.contains(ROOT + file.getFileName()))
          .forEach(files::add);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return new Deleted(0, List.of()); // no photo was ever added
    } catch (IOException e) {
      left.add(new Left(folder, reason(e)));
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
