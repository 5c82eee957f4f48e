package io.facesearch.examples.server;

import io.facesearch.examples.SampleFaces;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/** Photos of this jar that the page offers to try. Immutable and thread-safe. */
public final class Samples {
  /** No photos. */
  public static final Samples NONE = new Samples(Map.of());

  private static final int SHOWN = 5;

  private final Map<String, byte[]> photos;

  private Samples(Map<String, byte[]> photos) {
    this.photos = photos;
  }

  /**
   * Held-out photos of people of the sample gallery, and one with several of them.
   *
   * @return the photos
   * @throws IOException if the jar is damaged
   */
  public static Samples ofSampleFaces() throws IOException {
    List<String> queries = SampleFaces.queries();
    Map<String, byte[]> photos = new LinkedHashMap<>();
    for (String query : queries.subList(0, SHOWN)) {
      photos.put(query.substring(query.lastIndexOf('/') + 1), SampleFaces.read(query));
    }
    photos.put("several.jpg", sideBySide(queries.subList(SHOWN, SHOWN + 3)));
    return new Samples(photos);
  }

  private static byte[] sideBySide(List<String> names) throws IOException {
    List<BufferedImage> images = new ArrayList<>();
    for (String name : names) {
      images.add(ImageIO.read(new ByteArrayInputStream(SampleFaces.read(name))));
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
    return Pictures.jpeg(all);
  }

  List<String> names() {
    return List.copyOf(photos.keySet());
  }

  void send(Exchange exchange, String name) {
    byte[] photo = photos.get(name);
    if (photo == null) {
      throw new Problem(404, "not_found", "there is no sample photo of that name");
    }
    exchange.result("image/jpeg", photo);
  }
}
