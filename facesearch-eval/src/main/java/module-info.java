/** Evaluation of face verification and retrieval. */
module io.facesearch.eval {
  requires transitive io.facesearch.core;
  requires transitive io.facesearch.index;
  requires com.google.gson;
  requires de.siegmar.fastcsv;
  requires org.apache.commons.statistics.distribution;
  requires xchart;

  exports io.facesearch.eval;
}
