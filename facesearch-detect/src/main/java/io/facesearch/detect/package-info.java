/**
 * Face detection (YuNet; the tiny detector), 68 landmarks, and alignment. The networks run on ONNX
 * Runtime, but no type of it is in the public API.
 */
@NullMarked
package io.facesearch.detect;

import org.jspecify.annotations.NullMarked;
