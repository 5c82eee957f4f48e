package io.facesearch.cli;

import io.facesearch.train.CelebA;
import io.facesearch.train.FaceDataset;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which labeled photos. */
final class DatasetOption {
  /** Data sets by their layout. */
  enum Layout {
    CELEBA,
    LFW,
    FOLDER
  }

  /** A data set that may hold a zip file open. */
  record OpenDataset(FaceDataset dataset, @Nullable CelebA celebA) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      if (celebA != null) {
        celebA.close();
      }
    }
  }

  @Option(
      names = "--photos",
      paramLabel = "FOLDER",
      required = true,
      description = "CelebA, LFW, or one subfolder a person.")
  private Path folder;

  @Option(
      names = "--layout",
      paramLabel = "LAYOUT",
      description = "${COMPLETION-CANDIDATES} (default: CELEBA or FOLDER, as the files show).")
  private @Nullable Layout layout;

  Path folder() {
    return folder;
  }

  /** The layout that was named, or the one that the files show. */
  Layout layout() {
    if (layout != null) {
      return layout;
    }
    return CelebA.isOne(folder) ? Layout.CELEBA : Layout.FOLDER;
  }

  OpenDataset read() throws IOException {
    return switch (layout()) {
      case CELEBA -> {
        CelebA celebA = CelebA.read(folder);
        yield new OpenDataset(celebA.dataset(), celebA);
      }
      case LFW -> new OpenDataset(FaceDataset.ofLfw(folder), null);
      case FOLDER -> new OpenDataset(FaceDataset.ofFolder(folder), null);
    };
  }
}
