package io.facesearch.embed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import io.facesearch.NativeRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * PyTorch's hardtanh, which DJL has no call for: a TorchScript module of one line. The values are
 * those of a clip, but the gradient of a clip takes a fifth of a training step of MobileNet-V2's
 * last ten layers ({@code TrainingStep}, cached: 39 ms, 31 without), as PyTorch does not vectorize
 * it.
 */
final class HardTanh {
  private static final String MODULE = "relu6.pt";

  private static @Nullable PtSymbolBlock relu6;

  private HardTanh() {}

  /** Between 0 and 6; recorded if a gradient is. */
  static NDArray relu6(NDArray x) {
    ParameterStore none = new ParameterStore(x.getManager(), false);
    return module().forward(none, new NDList(x), true).singletonOrThrow();
  }

  /** Lives as long as PyTorch does. */
  private static synchronized PtSymbolBlock module() {
    if (relu6 == null) {
      PtNDManager manager = (PtNDManager) PyTorchRuntime.engine().newBaseManager();
      try (InputStream in = HardTanh.class.getResourceAsStream(MODULE)) {
        relu6 = JniUtils.loadModule(manager, in, false, false);
      } catch (IOException e) {
        throw new NativeRuntimeException("PyTorch cannot read " + MODULE, e);
      }
    }
    return relu6;
  }
}
