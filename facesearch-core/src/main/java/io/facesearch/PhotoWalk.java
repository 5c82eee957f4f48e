package io.facesearch;

import io.facesearch.IndexingReport.BrokenFile;
import io.facesearch.internal.ForeignFiles;
import io.facesearch.internal.image.PhotoKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the photos of a folder and says of everything else why it is none. Nothing but the folder
 * itself stops it. Links are passed over, or followed after all that is no link, so that every
 * folder and file is visited once, under its own name if it has one here.
 */
final class PhotoWalk {
  /**
   * A photo.
   *
   * @param source its name, as {@link PhotoRoot#sourceOf} makes it
   * @param modified milliseconds since 1970
   */
  record Found(Path file, String source, long size, long modified) {}

  final List<Found> photos = new ArrayList<>();
  final List<BrokenFile> broken = new ArrayList<>();

  /** Names of folders that could not be listed: what they hold is not known. */
  final List<String> unknown = new ArrayList<>();

  int notPhotos;
  int foreign;

  /** Photos with one in their name, where it divides nothing. */
  int backslashes;

  int links;

  private record Folder(Path path, String source) {}

  private final boolean followLinks;
  private final Set<Path> visited = new HashSet<>();
  private final ArrayDeque<Folder> folders = new ArrayDeque<>();
  private final ArrayDeque<Folder> linked = new ArrayDeque<>();
  private final ArrayDeque<Folder> linkedFiles = new ArrayDeque<>();

  private PhotoWalk(boolean followLinks) {
    this.followLinks = followLinks;
  }

  /**
   * Walks.
   *
   * @param folder whose real path is walked
   * @param source its name: that of the root, or of a folder below it
   * @throws IOException if the folder itself cannot be listed
   */
  static PhotoWalk of(Path folder, String source, boolean followLinks) throws IOException {
    PhotoWalk walk = new PhotoWalk(followLinks);
    walk.list(new Folder(folder, source));
    walk.visited.add(folder);
    while (!walk.folders.isEmpty() || !walk.linked.isEmpty()) {
      if (walk.folders.isEmpty()) {
        walk.follow(walk.linked.remove());
        continue;
      }
      Folder next = walk.folders.remove();
      try {
        if (!followLinks || walk.visited.add(next.path.toRealPath())) {
          walk.list(next);
        } else {
          walk.links++;
        }
      } catch (IOException e) {
        walk.broken.add(new BrokenFile(next.path.toString(), Reasons.of(next.path, e)));
        walk.unknown.add(next.source + "/");
      }
    }
    walk.linkedFiles.forEach(walk::takeLinked);
    walk.photos.sort(Comparator.comparing(Found::source));
    return walk;
  }

  private void list(Folder folder) throws IOException {
    for (Map.Entry<String, Path> entry : PhotoNames.list(folder.path).entrySet()) {
      Folder child = new Folder(entry.getValue(), folder.source + "/" + entry.getKey());
      if (ForeignFiles.isForeign(entry.getKey())) {
        foreign++;
        continue;
      }
      try {
        BasicFileAttributes attributes =
            Files.readAttributes(child.path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (attributes.isSymbolicLink()) {
          if (followLinks) {
            linked.add(child);
          } else {
            links++;
          }
        } else {
          take(child, entry.getKey(), attributes);
        }
      } catch (IOException e) {
        broken.add(new BrokenFile(child.path.toString(), Reasons.of(child.path, e)));
        unknown.add(child.source);
      }
    }
  }

  private void follow(Folder link) {
    try {
      if (Files.readAttributes(link.path, BasicFileAttributes.class).isDirectory()) {
        folders.add(link);
      } else {
        linkedFiles.add(link); // when all folders are known
      }
    } catch (IOException e) {
      cannotFollow(link, e);
    }
  }

  private void takeLinked(Folder link) {
    try {
      Path target = link.path.toRealPath();
      if (visited.contains(target.getParent()) || !visited.add(target)) {
        links++;
      } else {
        take(
            link,
            link.source.substring(link.source.lastIndexOf('/') + 1),
            Files.readAttributes(target, BasicFileAttributes.class));
      }
    } catch (IOException e) {
      cannotFollow(link, e);
    }
  }

  private void cannotFollow(Folder link, IOException e) {
    broken.add(new BrokenFile(link.path.toString(), Reasons.of(link.path, e)));
    unknown.add(link.source);
  }

  /** Takes what is no link; opens no pipe and no device. */
  private void take(Folder child, String name, BasicFileAttributes attributes) throws IOException {
    if (attributes.isDirectory()) {
      folders.add(child);
    } else if (!attributes.isRegularFile() || !PhotoKind.isPhoto(child.path, name)) {
      notPhotos++;
    } else {
      backslashes += child.path.getFileName().toString().indexOf('\\') < 0 ? 0 : 1;
      photos.add(
          new Found(
              child.path,
              child.source,
              attributes.size(),
              attributes.lastModifiedTime().toMillis()));
    }
  }

  /** Whether a photo of that name may be there although it was not found. */
  boolean mayHold(String source) {
    return unknown.stream().anyMatch(source::startsWith);
  }
}
