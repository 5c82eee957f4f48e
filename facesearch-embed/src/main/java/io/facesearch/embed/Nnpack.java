package io.facesearch.embed;

import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Switches PyTorch's NNPACK off, as {@code torch.backends.nnpack.set_flags(False)} does in Python.
 * On machines that NNPACK does not know, PyTorch tries it anew for each small convolution of a
 * single image, and each time writes a warning to stderr. DJL has no call for it.
 */
final class Nnpack {
  private static final Logger log = LoggerFactory.getLogger(Nnpack.class);

  private Nnpack() {}

  /** Call after the engine has loaded. Does nothing where the symbols are not found. */
  static void disable() {
    if (Platform.isWindows()) {
      return;
    }
    try {
      Path library = Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cpu"));
      NativeLibrary torch = NativeLibrary.getInstance(library.toString());
      Pointer context = torch.getFunction("_ZN2at13globalContextEv").invokePointer(new Object[0]);
      Object[] arguments = {context, 0};
      torch.getFunction("_ZN2at7Context20setUserEnabledNNPACKEb").invokeVoid(arguments);
    } catch (LinkageError e) {
      log.debug("NNPACK stays on", e);
    }
  }
}
