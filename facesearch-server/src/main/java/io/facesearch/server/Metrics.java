package io.facesearch.server;

import io.facesearch.Gallery;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.function.LongSupplier;

/** Counts and times for Prometheus; no label ever holds what a client sent. Thread-safe. */
final class Metrics {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Counter requests =
      Counter.builder()
          .name("facesearch_http_requests_total")
          .help("Requests answered.")
          .labelNames("method", "route", "status")
          .register(registry);
  private final Histogram requestTime =
      Histogram.builder()
          .name("facesearch_http_request_seconds")
          .help("Time from the first handler to the answer.")
          .labelNames("route")
          .classicOnly()
          .register(registry);
  private final Histogram stageTime =
      Histogram.builder()
          .name("facesearch_stage_seconds")
          .help("Time of the stages of a search: read, detect, embed, search.")
          .labelNames("stage")
          .classicUpperBounds(.0001, .0003, .001, .003, .01, .03, .1, .3, 1, 3, 10)
          .classicOnly()
          .register(registry);

  /** Of galleries by name, or of one without. */
  Metrics(Map<String, Gallery> galleries, Workers workers, Connections connections) {
    boolean named = !galleries.containsKey("");
    GaugeWithCallback.builder()
        .name("facesearch_gallery_faces")
        .help("Faces in the gallery.")
        .labelNames(named ? new String[] {"gallery"} : new String[0])
        .callback(
            callback ->
                galleries.forEach(
                    (name, gallery) ->
                        callback.call(gallery.size(), named ? new String[] {name} : new String[0])))
        .register(registry);
    gauge("facesearch_photos_waiting", "Photos that wait for a worker.", workers::waiting);
    gauge("facesearch_connections", "Connections that are open.", connections::size);
    gauge(
        "facesearch_heap_used_bytes",
        "Java heap in use.",
        () -> ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
  }

  private void gauge(String name, String help, LongSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsLong()))
        .register(registry);
  }

  void answered(String method, String route, int status, double seconds) {
    requests.labelValues(method, route, Integer.toString(status)).inc();
    requestTime.labelValues(route).observe(seconds);
  }

  void stage(String stage, double milliseconds) {
    stageTime.labelValues(stage).observe(milliseconds / 1000);
  }

  byte[] text() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrometheusTextFormatWriter.create().write(bytes, registry.scrape());
    return bytes.toByteArray();
  }

  static String contentType() {
    return PrometheusTextFormatWriter.CONTENT_TYPE;
  }
}
