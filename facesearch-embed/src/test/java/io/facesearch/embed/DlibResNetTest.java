package io.facesearch.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class DlibResNetTest {
  @Test
  void onPyTorchClosesEachIntermediateTensor() {
    Safetensors weights = Safetensors.parse("dlib", TestWeights.dlib());
    FoldedNetwork folded = DlibResNet.network(weights);
    try (PyTorchNetwork network = new PyTorchNetwork(folded, ComputeDevice.cpu())) {
      NDManager manager = network.manager();
      // The last layer has no bias in the file.
      assertThat(manager.getManagedArrays()).hasSize(weights.names().size() + 1);
      try (NDManager scope = manager.newSubManager()) {
        NDArray input = scope.zeros(new Shape(2, 3, 150, 150), DataType.FLOAT32);
        NDArray output = network.forward(input);
        assertThat(output.getShape()).isEqualTo(new Shape(2, 128));
        assertThat(scope.getManagedArrays()).containsExactlyInAnyOrder(input, output);
        assertThat(output.hasGradient()).isFalse();
      }
    }
  }

  @Test
  void onPyTorchEqualsTheGoldenDescriptors() {
    Safetensors weights = Safetensors.parse("dlib", TestWeights.dlib());
    Preprocessing preprocessing = DlibCard.preprocessing();
    try (Network network = new PyTorchNetwork(DlibResNet.network(weights), ComputeDevice.cpu());
        Network.Runner runner = network.newRunner(1, preprocessing.shape())) {
      preprocessing.write(TestChips.chip(1), false, runner.input(), 0);
      float[] vector = runner.run(1, false);
      for (int i = 0; i < vector.length; i++) {
        assertThat(vector[i] - TestChips.golden(1)[i]).isBetween(-2e-3f, 2e-3f);
      }
    }
  }

  @Test
  void saysWhichTensorIsMissingOrMisshapen() {
    Safetensors empty = Safetensors.parse("e.safetensors", SafetensorsTest.file("{}", 0));
    assertThatThrownBy(() -> DlibResNet.network(empty))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining("e.safetensors", "conv32_down.weight", "missing");
    String header =
        "{\"conv32_down.weight\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]}}";
    Safetensors other = Safetensors.parse("o.safetensors", SafetensorsTest.file(header, 4));
    assertThatThrownBy(() -> DlibResNet.network(other))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining(
            "o.safetensors: tensor conv32_down.weight: expected shape [32, 3, 7, 7]", "[2]");
  }
}
