package io.facesearch.store;

import io.facesearch.spi.GalleryStorage;
import io.facesearch.testing.GalleryStorageContract;
import java.io.IOException;
import java.nio.file.Path;

class FaceStoreStorageTest extends GalleryStorageContract {
  @Override
  protected GalleryStorage open(Path where) throws IOException {
    return FaceStore.open(where);
  }
}
