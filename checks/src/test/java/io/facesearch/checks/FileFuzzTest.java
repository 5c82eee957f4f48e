package io.facesearch.checks;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.facesearch.DecisionThreshold;
import io.facesearch.FaceSearchException;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.ModelFileEmbedder;
import io.facesearch.embed.Weights;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.store.FaceStore;
import io.facesearch.store.VectorFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;

/** Any bytes are a file of that kind or a {@link FaceSearchException}, and leave nothing open. */
class FileFuzzTest {
  private interface Reader {
    void read(Path file) throws IOException;
  }

  private static void read(byte[] bytes, String name, Reader reader) throws IOException {
    try (FuzzFolder folder = new FuzzFolder()) {
      try {
        reader.read(folder.write(name, bytes));
      } catch (FaceSearchException expected) {
        // Told by name.
      }
    }
  }

  @FuzzTest(maxDuration = "30m")
  void index(byte[] bytes) throws IOException {
    byte[] sealed = bytes.clone();
    if (bytes.length > 4) {
      // Else nearly all that is tried ends at the checksum.
      CRC32C sum = new CRC32C();
      sum.update(bytes, 0, bytes.length - 4);
      ByteBuffer.wrap(sealed)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(bytes.length - 4, (int) sum.getValue());
    }
    for (byte[] each : List.of(bytes, sealed)) {
      read(each, "faces.fsx", FlatIndex::load);
      read(each, "faces.fsx", file -> SigmoidTreeIndex.load(file).close());
    }
  }

  @FuzzTest(maxDuration = "30m")
  void store(byte[] bytes) throws IOException {
    try (FuzzFolder folder = new FuzzFolder()) {
      folder.write("faces.db", bytes);
      for (boolean salvage : new boolean[] {false, true}) {
        try (FaceStore store = FaceStore.builder(folder.path()).salvage(salvage).open()) {
          store.verify();
        } catch (FaceSearchException expected) {
          // Told by name.
        }
      }
    }
  }

  @FuzzTest(maxDuration = "30m")
  void weights(byte[] bytes) throws IOException {
    for (String end : List.of("safetensors", "pth")) {
      read(bytes, "net." + end, Weights::read);
    }
    read(bytes, "net.safetensors", Checkpoint::read);
  }

  /** The JSON beside an ONNX file is read before that. */
  @FuzzTest(maxDuration = "30m")
  void modelDescription(byte[] bytes) throws IOException {
    try (FuzzFolder folder = new FuzzFolder()) {
      Path model = folder.write("net.onnx", new byte[] {0});
      folder.write("net.onnx.json", bytes);
      try {
        ModelFileEmbedder.open(model).close();
      } catch (FaceSearchException expected) {
        // Told by name.
      }
    }
  }

  @FuzzTest(maxDuration = "30m")
  void vectors(byte[] bytes) throws IOException {
    for (String end : List.of("jsonl", "csv", "npy")) {
      read(bytes, "faces." + end, file -> VectorFile.read(file, "model", face -> {}));
    }
  }

  @FuzzTest(maxDuration = "30m")
  void threshold(byte[] bytes) throws IOException {
    read(bytes, "faces.threshold", file -> DecisionThreshold.load(file, "model"));
  }
}
