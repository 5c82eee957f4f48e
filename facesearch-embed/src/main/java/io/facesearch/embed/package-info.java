/**
 * Embedding of aligned faces: the bundled default model on DJL and PyTorch.
 *
 * <p>{@link io.facesearch.embed.DefaultFaceEmbedder#open()} is all that most callers need. Nothing
 * is downloaded at run time: weights and native libraries come from the class path.
 */
package io.facesearch.embed;
