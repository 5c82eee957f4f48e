package io.facesearch.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class DlibResNetTest {
  @Test
  void closesEachIntermediateTensor() {
    Safetensors weights = Safetensors.parse(DefaultModel.WEIGHTS, DefaultModel.weights());
    try (NDManager manager = PyTorchRuntime.engine().newBaseManager(Device.cpu())) {
      DlibResNet network = new DlibResNet(manager, weights);
      assertThat(manager.getManagedArrays()).hasSize(weights.names().size());
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
  void saysWhichTensorIsMissingOrMisshapen() {
    try (NDManager manager = PyTorchRuntime.engine().newBaseManager(Device.cpu())) {
      Safetensors empty = Safetensors.parse("e.safetensors", SafetensorsTest.file("{}", 0));
      assertThatThrownBy(() -> new DlibResNet(manager, empty))
          .isInstanceOf(WeightsFormatException.class)
          .hasMessageContaining("e.safetensors", "conv32_down.weight", "missing");
      String header =
          "{\"conv32_down.weight\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]}}";
      Safetensors other = Safetensors.parse("o.safetensors", SafetensorsTest.file(header, 4));
      assertThatThrownBy(() -> new DlibResNet(manager, other))
          .isInstanceOf(WeightsFormatException.class)
          .hasMessageContaining(
              "o.safetensors: tensor conv32_down.weight: expected shape [32, 3, 7, 7]", "[2]");
    }
  }
}
