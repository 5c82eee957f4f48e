/**
 * Embedding of aligned faces: the bundled default model on DJL and PyTorch.
 *
 * <p>{@link io.facesearch.embed.DefaultFaceEmbedder#open()} is all that most callers need. Nothing
 * is downloaded at run time: weights and native libraries come from the class path, and the first
 * start unpacks the libraries (450 MB) to {@code DJL_CACHE_DIR}, by default {@code .djl.ai} in the
 * home folder. They exist for linux-x86_64 and linux-aarch64 (glibc), osx-aarch64 and win-x86_64.
 * The jar {@code pytorch-native-cpu} cannot be a module: leave it on the class path, also where
 * everything else is on the module path.
 *
 * <p>Before PyTorch loads, these are set for the whole process unless the user has set them:
 *
 * <ul>
 *   <li>{@code ai.djl.offline=true} and {@code OPT_OUT_TRACKING=true}: DJL neither downloads nor
 *       reports home;
 *   <li>{@code ai.djl.pytorch.num_threads=1} and {@code ai.djl.pytorch.num_interop_threads=1}: work
 *       is split over images instead;
 *   <li>on Linux with glibc, malloc keeps freed memory for the next tensor, which halves the time
 *       of a batch; {@code -Dfacesearch.malloc=false} leaves it alone.
 * </ul>
 *
 * <p>Where the host has started PyTorch itself before, its settings stand.
 */
package io.facesearch.embed;
