package com.example.spark;

import io.facesearch.FaceAnalyzer;

/**
 * The one model of a JVM, which all tasks of an executor share: it is thread-safe, and each task
 * takes a core. It lives as long as the executor.
 */
final class Model {
  private static FaceAnalyzer analyzer;

  private Model() {}

  /** Another model is set here, such as {@code FaceAnalyzer.builder().model("sface-float")}. */
  static synchronized FaceAnalyzer get() {
    if (analyzer == null) {
      analyzer = FaceAnalyzer.open();
    }
    return analyzer;
  }
}
