package com.example.plugin;

import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import io.facesearch.FaceMatch;
import io.facesearch.Gallery;
import io.facesearch.PhotoSource;
import io.facesearch.Search;
import java.nio.file.Path;

/**
 * A gallery on parts of our own, all found by the service loader: the detector and the model by
 * their names, the storage because no other is on the class path. Arguments: folder of photos,
 * another photo.
 */
public final class PlugIn {
  private PlugIn() {}

  /** Runs it. */
  public static void main(String[] args) throws Exception {
    FaceAnalyzer.Builder parts = FaceAnalyzer.builder().detector("large-faces").model("gray-grid");
    try (Gallery gallery = Gallery.builder().folder(Path.of("faces")).analyzer(parts).open()) {
      gallery.addAll(PhotoSource.folder(Path.of(args[0])));
      System.out.println(gallery.size() + " faces, " + gallery.people().size() + " people");
      FaceImage photo = FaceImage.read(Path.of(args[1]));
      for (FaceMatch match : gallery.search(photo, Search.nearest(3)).orThrow()) {
        System.out.printf("%.3f %s%n", match.distance(), match.face().id());
      }
    }
  }
}
