/** Training data, distillation and triplet fine-tuning. */
module io.facesearch.train {
  requires transitive io.facesearch.core;
  requires transitive io.facesearch.embed;
  requires transitive io.facesearch.eval;
  requires ai.djl.api;
  requires de.siegmar.fastcsv;
  requires org.slf4j;

  exports io.facesearch.train;
}
