package com.example.spark;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Local files as an object storage has them: of another scheme, {@code other:///}. */
public final class OtherStorage extends RawLocalFileSystem {
  @Override
  public URI getUri() {
    return URI.create("other:///");
  }

  @Override
  public String getScheme() {
    return "other";
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    File file = pathToFile(path);
    if (!file.exists()) {
      throw new FileNotFoundException(path.toString());
    }
    Path full = path.makeQualified(getUri(), getWorkingDirectory());
    return new FileStatus(file.length(), file.isDirectory(), 1, 1 << 20, file.lastModified(), full);
  }

  @Override
  public FileStatus[] listStatus(Path folder) throws IOException {
    List<FileStatus> found = new ArrayList<>();
    for (String name : pathToFile(folder).list()) {
      found.add(getFileStatus(new Path(folder, name)));
    }
    return found.toArray(new FileStatus[0]);
  }
}
