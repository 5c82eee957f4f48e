package com.example.plugin;

import io.facesearch.BoundingBox;
import io.facesearch.FaceDetector;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceImage;
import io.facesearch.FaceIndex;
import io.facesearch.spi.GalleryStorage;
import io.facesearch.spi.IndexProvider;
import io.facesearch.spi.StorageProvider;
import io.facesearch.spi.StorageSettings;
import io.facesearch.testing.FaceDetectorContract;
import io.facesearch.testing.FaceEmbedderContract;
import io.facesearch.testing.FaceIndexContract;
import io.facesearch.testing.GalleryStorageContract;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Nested;

/** The contracts of facesearch, kept by our parts. */
class PlugInTest {
  private static <T> T provider(Class<T> type) {
    return ServiceLoader.load(type).findFirst().orElseThrow();
  }

  @Nested
  class Index extends FaceIndexContract {
    @Override
    protected FaceIndex newIndex() {
      return provider(IndexProvider.class).newIndex();
    }
  }

  @Nested
  class Storage extends GalleryStorageContract {
    @Override
    protected GalleryStorage open(Path where) throws Exception {
      return provider(StorageProvider.class).open(where, StorageSettings.DEFAULT);
    }
  }

  @Nested
  class Detector extends FaceDetectorContract {
    @Override
    protected FaceDetector create() {
      return new LargeFaceDetector();
    }

    @Override
    protected List<Sample> samples() throws Exception {
      List<Sample> samples = new ArrayList<>();
      for (String name : List.of("person_01.jpg", "person_02.jpg", "person_03.jpg")) {
        Path file = Path.of(System.getProperty("samples"), "queries", name);
        samples.add(new Sample(name, FaceImage.read(file), new BoundingBox(45, 40, 90, 110)));
      }
      return samples;
    }
  }

  @Nested
  class Embedder extends FaceEmbedderContract {
    @Override
    protected FaceEmbedder create() {
      return new GrayGridEmbedder();
    }
  }
}
