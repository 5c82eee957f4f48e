package io.facesearch.cli;

import io.facesearch.DetectedFace;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceChoice;
import io.facesearch.FaceImage;
import io.facesearch.FolderSource;
import io.facesearch.ImageFormatException;
import io.facesearch.TagValue;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceAttributes;
import io.facesearch.embed.ModelFileEmbedder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Tags of photos from a model that tells attributes. Thread-safe. */
final class AttributeTags implements AutoCloseable {
  private final FaceAttributes attributes;
  private final FaceAnalyzer analyzer;

  private AttributeTags(FaceAttributes attributes, FaceAnalyzer analyzer) {
    this.attributes = attributes;
    this.analyzer = analyzer;
  }

  static AttributeTags open(Path model) throws IOException {
    FaceAttributes attributes = FaceAttributes.of(Checkpoint.read(model));
    ModelFileEmbedder embedder =
        ModelFileEmbedder.builder(model).device(ComputeDevice.cpu()).build();
    try {
      return new AttributeTags(
          attributes, FaceAnalyzer.builder().choice(FaceChoice.LARGEST).embedder(embedder).build());
    } catch (RuntimeException e) {
      embedder.close();
      throw e;
    }
  }

  /** The same photos, each with its tags. */
  FolderSource add(FolderSource source) {
    Path folder = source.root().folder();
    return source.tags(file -> tags(folder.resolve(file)));
  }

  private Map<String, TagValue> tags(Path photo) {
    try {
      FaceImage image = FaceImage.read(photo);
      Optional<DetectedFace> face = analyzer.detectOne(image);
      return face.isEmpty() ? Map.of() : attributes.tags(analyzer.embed(image, face.orElseThrow()));
    } catch (IOException | ImageFormatException e) {
      return Map.of(); // indexing the photo tells what is wrong with it
    }
  }

  @Override
  public void close() {
    analyzer.close();
  }
}
