package io.facesearch.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real weights of ImageNet, in half precision, against torchvision's own network of them. */
@Tag("shared-data")
class ImageNetWeightsTest {
  private static final Path FILE = Path.of("../../shared/models/mobilenet_v2_imagenet.safetensors");

  @Test
  void givesTheFeaturesOfTorchvision() throws Exception {
    assumeTrue(Files.exists(FILE), FILE + " is not here: skipped");
    Safetensors reference = TestWeights.fixture("imagenet.safetensors");
    float[] expected = reference.floats("features", reference.shape("features"));
    long[] shape = {1, 3, 218, 218};
    float[] input = TestWeights.input(shape);
    Architecture architecture = new Architecture(Backbone.MOBILENET_V2, 128, false);
    try (NDManager manager = PyTorchRuntime.engine().newBaseManager();
        FaceNetwork network = FaceNetwork.create(architecture, ComputeDevice.cpu())) {
      assertThat(network.loadBackbone(Weights.read(FILE), true).complete()).isTrue();
      network.trainLast(10);
      float[] found = features(network, manager, input, shape);
      assertThat(found).hasSameSizeAs(expected);
      for (int i = 0; i < found.length; i++) {
        // Values are up to 5.
        assertThat(found[i]).as("feature " + i).isCloseTo(expected[i], within(2e-5f));
      }
    }
  }

  /** By the trunk on ONNX Runtime, folded, and the last layers on PyTorch. */
  private static float[] features(
      FaceNetwork network, NDManager manager, float[] input, long[] shape) throws Exception {
    Block rest = network.features();
    try (FeatureExtractor trunk = network.extractor(218, 218);
        NDManager scope = manager.newSubManager()) {
      NDArray x = scope.create(FloatBuffer.wrap(input), new Shape(shape));
      float[] direct =
          network
              .trunk()
              .forward(new ParameterStore(scope, true), new NDList(x), false)
              .singletonOrThrow()
              .toFloatArray();
      float[] map = trunk.extract((target, offset) -> target.put(offset, input));
      assertThat(map).hasSize(160 * 7 * 7);
      for (int i = 0; i < map.length; i++) {
        assertThat(map[i]).as("value " + i).isCloseTo(direct[i], within(1e-4f));
      }
      NDArray y = scope.create(FloatBuffer.wrap(map), new Shape(1, 160, 7, 7));
      return rest.forward(new ParameterStore(scope, true), new NDList(y), false)
          .singletonOrThrow()
          .toFloatArray();
    }
  }
}
