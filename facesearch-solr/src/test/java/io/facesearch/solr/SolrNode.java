package io.facesearch.solr;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.solr.common.cloud.SolrZkClient;
import org.apache.solr.common.cloud.ZkMaintenanceUtils;
import org.apache.solr.embedded.JettyConfig;
import org.apache.solr.embedded.JettySolrRunner;

/**
 * A node of SolrCloud in a process of its own, from Solr's artifacts of Maven: {@code SolrNode HOME
 * PORT ZOOKEEPER [CONFIGSET_FOLDER CONFIGSET_NAME]}. The plug-ins lie in {@code HOME/lib}.
 */
public final class SolrNode {
  private static final String SOLR_XML =
      """
      <solr>
        <solrcloud>
          <str name="host">127.0.0.1</str>
          <int name="hostPort">${hostPort:8983}</int>
          <str name="hostContext">solr</str>
          <int name="zkClientTimeout">15000</int>
          <int name="distribUpdateConnTimeout">5000</int>
        </solrcloud>
      </solr>
      """;

  private SolrNode() {}

  public static void main(String[] args) throws Exception {
    Path home = Files.createDirectories(Path.of(args[0]));
    int port = Integer.parseInt(args[1]);
    System.setProperty("zkHost", args[2]);
    if (args.length > 3) {
      try (SolrZkClient zooKeeper =
          new SolrZkClient.Builder()
              .withUrl(args[2])
              .withTimeout(30_000, java.util.concurrent.TimeUnit.MILLISECONDS)
              .build()) {
        ZkMaintenanceUtils.uploadToZK(zooKeeper, Path.of(args[3]), "/configs/" + args[4], null);
      }
    }
    Files.writeString(home.resolve("solr.xml"), SOLR_XML);
    JettySolrRunner runner =
        new JettySolrRunner(
            home.toString(),
            new Properties(),
            JettyConfig.builder().setContext("/solr").setPort(port).build());
    runner.start();
    System.out.println("ready on port " + port);
    Thread.sleep(Long.MAX_VALUE);
  }
}
