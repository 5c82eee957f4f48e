/**
 * Face detection (YuNet; the tiny detector), 68 landmarks, and alignment. The networks run on ONNX
 * Runtime, of which no type is in the public API.
 */
@NullMarked
package io.facesearch.detect;

import org.jspecify.annotations.NullMarked;
