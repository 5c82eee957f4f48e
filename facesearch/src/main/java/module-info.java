/** Everything an application needs to search faces: the pipeline with its default parts. */
module io.facesearch {
  requires transitive io.facesearch.core;
  requires transitive io.facesearch.detect;
  requires transitive io.facesearch.index;
  requires transitive io.facesearch.sface;
  requires transitive io.facesearch.store;
}
