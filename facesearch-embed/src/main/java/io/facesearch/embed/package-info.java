/**
 * Embedding of aligned faces with models in files, and networks to train.
 *
 * <p>{@link io.facesearch.embed.ModelFileEmbedder} opens any model in a file; {@link
 * io.facesearch.embed.FaceNetwork} can be trained and is saved in a {@link
 * io.facesearch.embed.Checkpoint}; {@link io.facesearch.embed.DlibFaceEmbedder} is dlib's network,
 * without its weights.
 *
 * <p>On the CPU, networks run on ONNX Runtime with batch normalization folded into the
 * convolutions, which takes less than half the time of PyTorch. PyTorch (through DJL) is used for
 * training, TorchScript and GPUs, and is started only then. Nothing is downloaded at run time:
 * weights and native libraries come from the class path; each start unpacks ONNX Runtime (20 MB) to
 * {@code java.io.tmpdir}, the first start of PyTorch 450 MB to {@code DJL_CACHE_DIR}, by default
 * {@code .djl.ai} in the home folder. Both exist for linux-x86_64 and linux-aarch64 (glibc),
 * osx-aarch64 and win-x86_64. The jar {@code pytorch-native-cpu} cannot be a module: leave it on
 * the class path, also where everything else is on the module path.
 *
 * <p>Before an engine loads, the following are set for the whole process, unless the user has set
 * them:
 *
 * <ul>
 *   <li>{@code ai.djl.offline=true} and {@code OPT_OUT_TRACKING=true}: DJL neither downloads nor
 *       reports home;
 *   <li>{@code ai.djl.pytorch.num_threads=1} and {@code ai.djl.pytorch.num_interop_threads=1}: work
 *       is split over images instead;
 *   <li>on Linux with glibc, malloc keeps freed memory for the next tensor, which halves the time
 *       of a batch on PyTorch; {@code -Dfacesearch.malloc=false} leaves it alone.
 * </ul>
 *
 * <p>If the application has started an engine itself before, its settings apply.
 */
@NullMarked
package io.facesearch.embed;

import org.jspecify.annotations.NullMarked;
