package com.example.spark;

import io.facesearch.PhotoRoot;
import io.facesearch.PhotoSource;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * Lists the photos of folders and zips in any storage that Hadoop reads, under the names that
 * facesearch gives them: {@code folder/person/photo.jpg}. Not Spark's {@code binaryFile}: that
 * passes over names that begin with an underscore, as those of some cameras do, fails at a file
 * above 2 GB, and logs each path.
 */
final class PhotoListing {
  private final Configuration hadoop;
  private final Map<String, PhotoRef> photos = new HashMap<>();

  private PhotoListing(Configuration hadoop) {
    this.hadoop = hadoop;
  }

  /**
   * Lists; costs some 300 bytes of the driver's heap a photo.
   *
   * @param roots folders, zips and patterns of them
   * @return by name
   * @throws IOException if one of them cannot be listed
   */
  static List<PhotoRef> of(Configuration hadoop, List<String> roots) throws IOException {
    PhotoListing listing = new PhotoListing(hadoop);
    for (String root : roots) {
      Path path = new Path(root);
      FileSystem files = path.getFileSystem(hadoop);
      FileStatus[] found =
          files.exists(path)
              ? new FileStatus[] {files.getFileStatus(path)}
              : files.globStatus(path);
      if (found == null || found.length == 0) {
        throw new FileNotFoundException(root + " is not there; name a folder, a zip or a pattern");
      }
      for (FileStatus status : found) {
        listing.root(files, status);
      }
    }
    List<PhotoRef> all = new ArrayList<>(listing.photos.values());
    all.sort((a, b) -> a.photo().compareTo(b.photo()));
    return all;
  }

  private void root(FileSystem files, FileStatus status) throws IOException {
    Path path = status.getPath();
    if (status.isFile()) {
      zip(status, path.getName().replaceFirst("\\.[^.]*$", ""));
    } else if (files.getUri().getScheme().equals("file")) {
      localFolder(java.nio.file.Path.of(path.toUri()));
    } else {
      folder(files, path);
    }
  }

  /** Those that a gallery would take from it. */
  private void localFolder(java.nio.file.Path folder) throws IOException {
    PhotoRoot root = PhotoRoot.of(folder);
    PhotoRoot real = PhotoRoot.of(root.name(), folder.toRealPath());
    for (java.nio.file.Path file : PhotoSource.folder(real).files()) {
      String name = real.sourceOf(file);
      long modified = Files.getLastModifiedTime(file).toMillis();
      add(name, root.name(), file.toUri().toString(), null, Files.size(file), modified);
    }
  }

  private void folder(FileSystem files, Path folder) throws IOException {
    String root = folder.getName();
    RemoteIterator<? extends FileStatus> found = files.listFiles(folder, true);
    while (found.hasNext()) {
      FileStatus file = found.next();
      String relative = folder.toUri().relativize(file.getPath().toUri()).getPath();
      if (!isHidden(relative)) {
        String uri = file.getPath().toUri().toString();
        add(name(root, relative), root, uri, null, file.getLen(), file.getModificationTime());
      }
    }
  }

  /** A damaged zip is a broken photo. */
  private void zip(FileStatus file, String root) {
    String uri = file.getPath().toUri().toString();
    try (ZipFile zip = RemoteZip.open(hadoop, uri)) {
      for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
        if (!entry.isDirectory() && !isHidden(entry.getName())) {
          String name = name(root, entry.getName());
          add(name, root, uri, entry.getName(), entry.getSize(), entry.getTime());
        }
      }
    } catch (IOException | RuntimeException e) {
      String problem = root + ".zip is not a readable zip: " + e.getMessage();
      photos.put(root + ".zip", new PhotoRef(root + ".zip", null, uri, null, -1, 0, problem));
    }
  }

  private void add(String name, String root, String uri, String entry, long size, long modified) {
    String folder = name.substring(0, name.lastIndexOf('/'));
    String person = folder.equals(root) ? null : folder.substring(folder.lastIndexOf('/') + 1);
    PhotoRef photo = new PhotoRef(name, person, uri, entry, size, modified, null);
    if (photos.putIfAbsent(name, photo) != null) {
      String second = name + " (again)";
      String problem = "two photos are called \"" + name + "\"; rename one";
      photos.put(second, new PhotoRef(second, person, uri, entry, size, modified, problem));
    }
  }

  private static boolean isHidden(String relative) {
    return relative.startsWith(".") || relative.contains("/.") || relative.contains("__MACOSX/");
  }

  /** As {@link PhotoRoot#sourceOf} writes names: in form NFC, what is no text escaped. */
  static String name(String root, String relative) {
    StringBuilder name = new StringBuilder(root).append('/');
    String normal = Normalizer.normalize(relative, Normalizer.Form.NFC);
    for (int i = 0; i < normal.length(); i++) {
      char c = normal.charAt(i);
      boolean isEscape = normal.substring(i).matches("(?s)%[0-9A-Fa-f]{2}.*");
      if (Character.isISOControl(c) || c == '\\' || isEscape) {
        for (byte b : String.valueOf(c).getBytes(StandardCharsets.UTF_8)) {
          name.append(String.format("%%%02X", b));
        }
      } else {
        name.append(c);
      }
    }
    return name.toString();
  }

  /** A file of the URI of a {@link PhotoRef}. */
  static Path path(String uri) {
    return new Path(URI.create(uri));
  }
}
