package io.facesearch.cli;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.Gallery;
import io.facesearch.PhotoPeople;
import io.facesearch.internal.AtomicFile;
import io.facesearch.internal.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes the names of photos into a folder, as a sidecar file for each photo, in the subfolders
 * that the photos lie in. Photos are read, and never changed. Used by one thread.
 */
final class Sidecars {
  private final Gallery gallery;
  private final Path folder;
  private final boolean overwrite;
  private final Output out;
  private final Set<String> taken = new HashSet<>();
  private int photos;
  private int faces;
  private int left;
  private boolean failed;

  Sidecars(Gallery gallery, Path folder, boolean overwrite, Output out) {
    this.gallery = gallery;
    this.folder = folder.toAbsolutePath().normalize();
    this.overwrite = overwrite;
    this.out = out;
  }

  int photos() {
    return photos;
  }

  int faces() {
    return faces;
  }

  /** Photos with names that are not where they were. */
  int left() {
    return left;
  }

  /** Whether a photo that is there could not be read. */
  boolean failed() {
    return failed;
  }

  void write(List<EmbeddedFace> all) throws IOException {
    Map<String, List<FaceRecord>> named = new LinkedHashMap<>();
    for (EmbeddedFace one : all) {
      FaceRecord face = one.face();
      if (face.person().isPresent() && face.box().isPresent() && face.source().isPresent()) {
        named.computeIfAbsent(face.source().get(), source -> new ArrayList<>()).add(face);
      }
    }
    PrivateFiles.createFolders(folder); // subfolders are often called by people
    for (Map.Entry<String, List<FaceRecord>> photo : named.entrySet()) {
      Optional<byte[]> encoded;
      try {
        encoded = read(photo.getValue().get(0));
      } catch (IOException e) {
        encoded = Optional.empty();
      }
      Optional<Path> target = target(photo.getKey());
      if (encoded.isEmpty() || target.isEmpty()) {
        left++;
        continue;
      }
      try {
        Optional<byte[]> xmp = PhotoPeople.sidecar(encoded.get(), photo.getKey(), photo.getValue());
        if (xmp.isPresent()) {
          write(xmp.get(), target.get());
          photos++;
          faces += photo.getValue().size();
        }
      } catch (FaceSearchException e) {
        failed = true;
        out.problem(photo.getKey(), "broken", FaceSearchCommand.words(e).orElseThrow());
      }
    }
  }

  private Optional<byte[]> read(FaceRecord face) throws IOException {
    Optional<byte[]> crop = gallery.cropOf(face);
    if (crop.isPresent()) {
      return crop;
    }
    Optional<Path> file = gallery.photoOf(face);
    return file.isEmpty() ? Optional.empty() : Optional.of(Files.readAllBytes(file.get()));
  }

  private void write(byte[] xmp, Path target) throws IOException {
    if (!overwrite && Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new FaceSearchException(target + " already exists; add --overwrite to replace it");
    }
    if (Files.isSymbolicLink(target)) {
      throw new FaceSearchException(target + " is a link; what it names is not written to");
    }
    Path parent = PrivateFiles.createFolders(AtomicFile.folder(target)).toRealPath();
    if (!parent.startsWith(folder.toRealPath())) {
      throw new FaceSearchException(target + " would lie outside of " + folder + ", behind a link");
    }
    AtomicFile.write(target, xmp);
  }

  /** Empty if a photo is called so that its sidecar would lie elsewhere. */
  private Optional<Path> target(String source) {
    String below = source.substring(source.indexOf('/') + 1);
    int dot = below.lastIndexOf('.');
    String name = dot > below.lastIndexOf('/') + 1 ? below.substring(0, dot) : below;
    // JPEG files have the short name, so that it is the same whoever has a name today: the sidecar
    // of a.jpg is a.xmp, and that of a.png beside it a.png.xmp.
    String kind = below.substring(name.length()).toLowerCase(Locale.ROOT);
    boolean isJpeg = kind.equals(".jpg") || kind.equals(".jpeg");
    if (!isJpeg || !taken.add(name.toLowerCase(Locale.ROOT))) {
      name = below;
      taken.add(name.toLowerCase(Locale.ROOT));
    }
    try {
      Path target = folder.resolve(name + ".xmp").normalize();
      return target.startsWith(folder) ? Optional.of(target) : Optional.empty();
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }
}
