/** Evaluation of face verification and retrieval. */
module io.facesearch.eval {
  requires transitive io.facesearch.core;

  exports io.facesearch.eval;
}
