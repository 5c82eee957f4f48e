/** ONNX Runtime for the other modules of facesearch; nothing here is for applications. */
@NullMarked
package io.facesearch.onnx;

import org.jspecify.annotations.NullMarked;
