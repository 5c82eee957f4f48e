package io.facesearch.cli;

import io.facesearch.server.Samples;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/** The sample photos in this jar: invented people, a gallery and a held-out photo of each. */
final class SampleFaces {
  private static final String ROOT = "samples/";

  private static final int SHOWN = 5;

  private SampleFaces() {}

  /**
   * Writes all photos to a folder: {@code gallery/PERSON/...} and {@code queries/PERSON.jpg}.
   *
   * @param folder made if it does not exist
   * @throws IOException if a file cannot be written
   */
  static void unpack(Path folder) throws IOException {
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
  static List<String> queries() throws IOException {
    return names().stream().filter(name -> name.startsWith("queries/")).sorted().toList();
  }

  /**
   * Reads a photo.
   *
   * @param name as in {@link #queries}
   * @return a JPEG file
   * @throws IOException if there is none of that name
   */
  static byte[] read(String name) throws IOException {
    try (InputStream in = SampleFaces.class.getResourceAsStream(ROOT + name)) {
      if (in == null) {
        throw new FileNotFoundException("the sample " + ROOT + name + " is missing from this jar");
      }
      return in.readAllBytes();
    }
  }

  /**
   * Held-out photos for the query page to offer, and one with several people.
   *
   * @return the photos
   * @throws IOException if this jar is damaged
   */
  static Samples toTry() throws IOException {
    List<String> queries = queries();
    Map<String, byte[]> photos = new LinkedHashMap<>();
    for (String query : queries.subList(0, SHOWN)) {
      photos.put(query.substring(query.lastIndexOf('/') + 1), read(query));
    }
    photos.put("several.jpg", sideBySide(queries.subList(SHOWN, SHOWN + 3)));
    return Samples.of(photos);
  }

  private static byte[] sideBySide(List<String> names) throws IOException {
    List<BufferedImage> images = new ArrayList<>();
    for (String name : names) {
      images.add(ImageIO.read(new ByteArrayInputStream(read(name))));
    }
    int width = images.stream().mapToInt(BufferedImage::getWidth).sum();
    int height = images.stream().mapToInt(BufferedImage::getHeight).max().orElseThrow();
    BufferedImage all = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = all.createGraphics();
    int x = 0;
    for (BufferedImage image : images) {
      g.drawImage(image, x, 0, null);
      x += image.getWidth();
    }
    g.dispose();
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(all, "jpeg", jpeg);
    return jpeg.toByteArray();
  }

  private static List<String> names() throws IOException {
    return new String(read("files.txt"), StandardCharsets.UTF_8).lines().toList();
  }
}
