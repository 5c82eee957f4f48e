/** ONNX Runtime for the other modules of facesearch; nothing here is for applications. */
package io.facesearch.onnx;
