/** The query page and its REST interface. */
module io.facesearch.server {
  requires transitive io.facesearch.core;
  requires com.google.gson;
  requires io.prometheus.metrics.core;
  requires io.prometheus.metrics.model;
  requires io.prometheus.writer.text;
  requires jdk.management;
  requires org.eclipse.jetty.server;
  requires org.slf4j;

  exports io.facesearch.server;

  opens io.facesearch.server to
      com.google.gson;
}
