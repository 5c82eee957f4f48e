package io.facesearch.facade;

import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceDetector;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceIndex;
import io.facesearch.Gallery;
import io.facesearch.GalleryBuilder;
import io.facesearch.spi.DetectionProvider;
import io.facesearch.spi.EmbedderProvider;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ServiceLoader;
import javax.imageio.ImageIO;

/** The real models, opened once for many pipelines, which are not closed; and the sample faces. */
final class RealParts implements AutoCloseable {
  static final Path SAMPLES =
      Path.of("../facesearch-cli/src/main/resources/io/facesearch/cli/samples").toAbsolutePath();

  private final DetectionProvider detection =
      ServiceLoader.load(DetectionProvider.class).stream()
          .map(ServiceLoader.Provider::get)
          .filter(chain -> chain.name().equals(DetectionProvider.DEFAULT))
          .findFirst()
          .orElseThrow();
  private final FaceDetector detector = detection.newDetector();
  private final FaceEmbedder embedder =
      ServiceLoader.load(EmbedderProvider.class).stream()
          .map(ServiceLoader.Provider::get)
          .filter(model -> model.name().equals(EmbedderProvider.DEFAULT))
          .findFirst()
          .orElseThrow()
          .newEmbedder();
  private final FaceAnalyzer shared = analyzer().embedder(embedder).build();

  /** A gallery of an index; closing it closes no model. */
  GalleryBuilder on(FaceIndex index) {
    return Gallery.builder().index(index).analyzer(shared);
  }

  /** For an analyzer of one's own. */
  FaceAnalyzer.Builder analyzer() {
    return FaceAnalyzer.builder().detector(detector).aligner(detection.newAligner());
  }

  FaceEmbedder embedder() {
    return embedder;
  }

  static Path sample(int person, int photo) {
    return SAMPLES.resolve(String.format("gallery/person_%02d/photo_%d.jpg", person, photo));
  }

  static void copy(Path sample, Path target) throws IOException {
    Files.createDirectories(target.getParent());
    Files.write(target, Files.readAllBytes(sample));
  }

  /** Photos side by side, each as large as the scale beside it says. */
  static void group(Path target, Object... photosAndScales) throws IOException {
    BufferedImage image = new BufferedImage(200 * photosAndScales.length / 2, 200, 1);
    Graphics2D g = image.createGraphics();
    for (int i = 0; i < photosAndScales.length; i += 2) {
      int size = (int) (200 * (double) photosAndScales[i + 1]);
      BufferedImage photo = ImageIO.read(((Path) photosAndScales[i]).toFile());
      g.drawImage(photo, 100 * i, 0, size, size, null);
    }
    g.dispose();
    Files.createDirectories(target.getParent());
    ImageIO.write(image, "png", target.toFile());
  }

  @Override
  public void close() throws Exception {
    detector.close();
    embedder.close();
  }
}
