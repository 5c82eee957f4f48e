package io.facesearch.examples;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The sample photos in this jar: invented people, a gallery and a held-out photo of each. */
public final class SampleFaces {
  private static final String ROOT = "/io/facesearch/examples/samples/";

  private SampleFaces() {}

  /**
   * Writes all photos to a folder: {@code gallery/PERSON/...} and {@code queries/PERSON.jpg}.
   *
   * @param folder made if it does not exist
   * @throws IOException if a file cannot be written
   */
  public static void unpack(Path folder) throws IOException {
    for (String name : names()) {
      Path target = folder.resolve(name);
      Files.createDirectories(target.getParent());
      Files.write(target, read(name));
    }
  }

  /**
   * Names of the held-out photos.
   *
   * @return one a person, sorted
   * @throws IOException if this jar is damaged
   */
  public static List<String> queries() throws IOException {
    return names().stream().filter(name -> name.startsWith("queries/")).sorted().toList();
  }

  /**
   * Reads a photo.
   *
   * @param name as in {@link #queries}
   * @return a JPEG file
   * @throws IOException if there is none of that name
   */
  public static byte[] read(String name) throws IOException {
    try (InputStream in = SampleFaces.class.getResourceAsStream(ROOT + name)) {
      if (in == null) {
        throw new FileNotFoundException("the sample " + ROOT + name + " is missing from this jar");
      }
      return in.readAllBytes();
    }
  }

  private static List<String> names() throws IOException {
    return new String(read("files.txt"), StandardCharsets.UTF_8).lines().toList();
  }
}
