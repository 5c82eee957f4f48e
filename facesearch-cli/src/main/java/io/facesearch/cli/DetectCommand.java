package io.facesearch.cli;

import io.facesearch.DetectedFace;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import io.facesearch.FaceQuality;
import io.facesearch.FaceSearchException;
import io.facesearch.internal.AtomicFile;
import io.facesearch.internal.PrivateFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "detect",
    mixinStandardHelpOptions = true,
    description = {
      "Tells where the faces of photos are, and whether they are suited for recognition.",
      "With --chips each is written as a PNG, cut out and turned as the model takes it."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch detect group.jpg",
      "  facesearch detect 'photos/**.jpg' --chips chips --json"
    })
final class DetectCommand implements Callable<Integer> {
  @Mixin private PhotoArguments photos;

  @Option(
      names = "--chips",
      paramLabel = "FOLDER",
      description = "Where chips go, made if missing; no file is overwritten.")
  private @Nullable Path chips;

  @Mixin private ModelOption model;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Output out = Output.of(spec);
    List<PhotoArguments.@Nullable Given> given = photos.find(spec, out);
    if (given.stream().noneMatch(Objects::nonNull)) {
      return 1;
    }
    if (chips != null) {
      PrivateFiles.createFolders(chips);
    }
    try (FaceAnalyzer analyzer = model.analyzer()) {
      return PhotoArguments.each(given, out, photo -> detect(photo, analyzer, out));
    }
  }

  private int detect(PhotoArguments.Given photo, FaceAnalyzer analyzer, Output out)
      throws IOException {
    FaceImage image = photo.read();
    List<DetectedFace> faces = analyzer.detect(image);
    if (faces.isEmpty()) {
      return PhotoArguments.noFace(photo, out);
    }
    for (int i = 0; i < faces.size(); i++) {
      DetectedFace face = faces.get(i);
      FaceImage chip = analyzer.align(image, face);
      FaceQuality quality = analyzer.qualityCheck().measure(image, face, chip);
      Optional<Path> file = Optional.empty();
      if (chips != null) {
        file = Optional.of(write(chips, chip, photo, i));
      }
      String poor = Faces.rejections(quality);
      out.text()
          .printf(
              Locale.ROOT,
              "%s  %-16s  %.3f  %s%s%n",
              photo.name(),
              Faces.words(face.box()),
              face.score(),
              poor.isEmpty() ? "usable" : poor,
              file.map(path -> "  " + path).orElse(""));
      Map<String, @Nullable Object> fields = Faces.json(face, quality);
      out.json(
          "face",
          "photo",
          photo.name(),
          "number",
          i,
          "face",
          fields,
          "turn",
          face.turn(),
          "landmarks",
          landmarks(face),
          "chip",
          file);
    }
    return 0;
  }

  private static List<List<Double>> landmarks(DetectedFace face) {
    return java.util.stream.IntStream.range(0, face.landmarks().count())
        .mapToObj(i -> List.of((double) face.landmarks().x(i), (double) face.landmarks().y(i)))
        .toList();
  }

  private static Path write(Path chips, FaceImage chip, PhotoArguments.Given photo, int number)
      throws IOException {
    String name = photo.file().map(file -> file.getFileName().toString()).orElse("standard-input");
    Path file = chips.resolve(name + "-" + number + ".png");
    for (int again = 2; Files.exists(file); again++) {
      file = chips.resolve(name + "-" + number + " (" + again + ").png");
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    if (!ImageIO.write(chip.toBufferedImage(), "png", png)) {
      throw new FaceSearchException("this Java writes no PNG");
    }
    AtomicFile.write(file, png.toByteArray());
    return file;
  }
}
