package com.example.spark;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.hadoop.conf.Configuration;

/** Reads the bytes of photos; keeps the zip of the last one open. Of one task. */
final class PhotoBytes implements Closeable {
  private final Configuration hadoop;
  private final int most;
  private String openUri;
  private ZipFile openZip;

  /**
   * @param most bytes that a photo may have
   */
  PhotoBytes(Configuration hadoop, int most) {
    this.hadoop = hadoop;
    this.most = most;
  }

  /**
   * Reads a photo.
   *
   * @return its bytes; one more than the most if there are more
   * @throws IOException if they cannot be had
   */
  byte[] read(PhotoRef photo) throws IOException {
    try (InputStream in = open(photo)) {
      return in.readNBytes(most + 1);
    }
  }

  private InputStream open(PhotoRef photo) throws IOException {
    if (photo.entry() != null) {
      ZipFile zip = zip(photo.file());
      ZipArchiveEntry entry = zip.getEntry(photo.entry());
      if (entry == null) {
        throw new IOException("the zip was replaced since it was listed");
      }
      return zip.getInputStream(entry);
    }
    if (photo.file().startsWith("file:")) {
      return Files.newInputStream(Path.of(URI.create(photo.file())));
    }
    org.apache.hadoop.fs.Path path = PhotoListing.path(photo.file());
    return path.getFileSystem(hadoop).open(path);
  }

  private ZipFile zip(String uri) throws IOException {
    if (!uri.equals(openUri)) {
      close();
      openZip = RemoteZip.open(hadoop, uri);
      openUri = uri;
    }
    return openZip;
  }

  @Override
  public void close() throws IOException {
    openUri = null;
    if (openZip != null) {
      openZip.close();
    }
  }
}
