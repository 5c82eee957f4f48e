package com.example.spark;

import io.facesearch.EmbeddedFace;
import io.facesearch.Gallery;
import io.facesearch.PhotoSource;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/** Folders of the sample faces (synthetic people), good and bad. */
final class Photos {
  static final Path SAMPLES = Path.of(System.getProperty("samples")).toAbsolutePath();

  private Photos() {}

  static Path sample(int person, int photo) {
    return SAMPLES.resolve(String.format("gallery/person_%02d/photo_%d.jpg", person, photo));
  }

  /** People with four photos each, and what is special; returns how many photos there are. */
  static int write(Path folder, int people) throws IOException {
    int photos = 0;
    for (int person = 1; person <= people; person++) {
      for (int photo = 1; photo <= 4; photo++) {
        // Names that Spark's own source of files would pass over.
        String name = String.format("person_%02d/_MG_%d.jpg", person, photo);
        copy(sample(person, photo), folder.resolve(name));
        photos++;
      }
    }
    copy(sample(1, 1), folder.resolve("of nobody.jpg"));
    copy(sample(2, 1), folder.resolve("Zoë #1/100% %41.jpg"));
    side(folder.resolve("person_01/a-group.png"), sample(2, 3), 200, sample(1, 3), 200);
    side(folder.resolve("person_02/largest.png"), sample(2, 3), 200, sample(1, 3), 110);
    side(folder.resolve("nobody-tells/two.png"), sample(2, 3), 200, sample(1, 3), 200);
    side(folder.resolve("no-face.png"));
    return photos + 6;
  }

  static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.write(to, Files.readAllBytes(from));
  }

  /** Photos side by side, each of so many pixels. */
  private static void side(Path target, Object... photosAndSides) throws IOException {
    BufferedImage image = new BufferedImage(400, 200, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setColor(Color.GRAY);
    g.fillRect(0, 0, 400, 200);
    for (int i = 0; i < photosAndSides.length; i += 2) {
      int side = (int) photosAndSides[i + 1];
      BufferedImage photo = ImageIO.read(((Path) photosAndSides[i]).toFile());
      g.drawImage(photo, 100 * i, 0, side, side, null);
    }
    g.dispose();
    Files.createDirectories(target.getParent());
    ImageIO.write(image, "png", target.toFile());
  }

  static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  static void zip(Path folder, Path zip) throws IOException {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (Path file : files(folder)) {
        out.putNextEntry(new ZipEntry(folder.relativize(file).toString()));
        out.write(Files.readAllBytes(file));
      }
    }
  }

  /** What one process without Spark makes of a folder. */
  static List<EmbeddedFace> indexed(PhotoSource photos) throws IOException {
    try (Gallery gallery = Gallery.builder().analyzer(Model.get()).open()) {
      gallery.addAll(photos);
      return new ArrayList<>(gallery.faces());
    }
  }
}
