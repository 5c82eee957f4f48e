package io.facesearch.facade;

import io.facesearch.FaceAnalyzer;
import io.facesearch.Gallery;
import io.facesearch.Photo;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A new gallery in a folder for each test, with the real models. */
abstract class FolderGalleryTest {
  static FaceAnalyzer analyzer;
  @TempDir Path folder;
  Gallery gallery;

  @BeforeAll
  static void openAnalyzer() {
    analyzer = FaceAnalyzer.open();
  }

  @AfterAll
  static void closeAnalyzer() {
    analyzer.close();
  }

  @BeforeEach
  void open() throws Exception {
    gallery = Gallery.builder().folder(folder.resolve("faces")).analyzer(analyzer).open();
  }

  @AfterEach
  void close() {
    gallery.close();
  }

  static Photo photo(int person, int photo) {
    return Photo.of(RealParts.sample(person, photo))
        .named(String.format(Locale.ROOT, "p%d/%d.jpg", person, photo));
  }
}
