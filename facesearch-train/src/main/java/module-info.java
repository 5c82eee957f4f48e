/** Training data and, later, fine-tuning. */
module io.facesearch.train {
  requires transitive io.facesearch.core;

  exports io.facesearch.train;
}
