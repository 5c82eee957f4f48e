/**
 * The SFace recognition network: {@link io.facesearch.sface.SFaceEmbedder} turns an aligned face
 * into a unit vector of 128 numbers.
 */
@NullMarked
package io.facesearch.sface;

import org.jspecify.annotations.NullMarked;
