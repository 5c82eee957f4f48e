package io.facesearch.store;

import io.facesearch.spi.GalleryStorage;
import io.facesearch.spi.StorageProvider;
import io.facesearch.spi.StorageSettings;
import java.io.IOException;
import java.nio.file.Path;

/** Provides {@link FaceStore} as the storage of galleries in folders. Stateless. */
public final class FaceStoreProvider implements StorageProvider {
  /** Called by the service loader. */
  public FaceStoreProvider() {}

  @Override
  public GalleryStorage open(Path folder, StorageSettings settings) throws IOException {
    FaceStore.Builder builder = FaceStore.builder(folder);
    settings.key().ifPresent(builder::key);
    return builder.open();
  }
}
