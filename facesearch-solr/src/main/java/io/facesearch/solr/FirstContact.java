package io.facesearch.solr;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.apache.solr.client.solrj.impl.BaseHttpSolrClient;
import org.apache.solr.common.SolrException;
import org.jspecify.annotations.Nullable;

/** Tells why addresses that were given do not lead to a collection, and what to do about it. */
final class FirstContact {
  private FirstContact() {}

  /** Refuses what is no address of a node, without telling it: it may hold secrets. */
  static void requireAddress(String collection, String node) {
    URI uri;
    try {
      uri = new URI(node);
    } catch (URISyntaxException e) {
      uri = URI.create("");
    }
    boolean isWeb =
        "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
    if (!isWeb || uri.getHost() == null || uri.getRawQuery() != null || uri.getFragment() != null) {
      throw new IllegalArgumentException(
          "the address of a node is such as http://localhost:8983/solr; one of the collection "
              + collection
              + " is not");
    }
    if (uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "the address of a node of the collection "
              + collection
              + " has a password, which is not sent; let nobody but this machine reach the ports of"
              + " Solr instead");
    }
  }

  /**
   * An address and why it is none.
   *
   * @param url of a node
   * @param cause of SolrJ
   */
  record Failure(String url, Exception cause) {}

  static SolrNotFoundException notFound(String collection, List<Failure> failures) {
    StringBuilder message = new StringBuilder("the collection " + collection + " was not found: ");
    for (Failure each : failures) {
      message
          .append(message.charAt(message.length() - 1) == ' ' ? "at " : "; at ")
          .append(each.url)
          .append(' ')
          .append(why(each.cause, collection));
    }
    return new SolrNotFoundException(message.toString(), failures.get(failures.size() - 1).cause);
  }

  private static String why(Exception e, String collection) {
    if (e instanceof SolrException solr) {
      return answered(solr, collection);
    }
    if (has(e, UnresolvedAddressException.class)) {
      return "there is no such host; correct its name";
    } else if (SolrConnection.isTimeout(e)) {
      return "nothing answers within "
          + SolrConnection.SOON.toSeconds()
          + " s; correct the address, or look whether a firewall or a process that hangs is"
          + " in the way";
    } else if (has(e, ConnectException.class)) {
      return "nothing listens; start Solr, or correct the port (Solr's own is 8983)";
    } else if (has(e, SSLException.class)) {
      return "TLS fails; write http:// if Solr has no certificate, else let Java trust it";
    } else if (has(e, IOException.class)) {
      return "something listens that does not speak HTTP; name a node of Solr (port 8983), not"
          + " its ZooKeeper (port 2181)";
    }
    return elsewhere("no Solr answers");
  }

  private static String answered(SolrException e, String collection) {
    int status = e.code();
    if (status == 401 || status == 403) {
      return "a password is wanted (status "
          + status
          + "), but facesearch sends none; let nobody else reach Solr's ports instead";
    }
    if (!isOfSolr(e)) {
      return elsewhere("something answers that is not Solr (status " + status + ")");
    }
    String said = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    if (said.contains("solrcloud")) {
      return "a Solr answers that is not in SolrCloud mode; start it with a ZooKeeper, as"
          + " docs/SOLR.md says";
    } else if (status == 400 || status == 404) {
      return "SolrCloud has no collection "
          + collection
          + "; make it, as docs/SOLR.md says, or correct its name";
    }
    return "Solr answers with status "
        + status
        + "; its log says why; repeat it when Solr is ready";
  }

  private static String elsewhere(String what) {
    return what + "; name the address up to /solr, such as http://host:8983/solr";
  }

  /** Errors of Solr's own tell their class. */
  private static boolean isOfSolr(SolrException e) {
    return !(e instanceof BaseHttpSolrClient.RemoteSolrException) || e.getMetadata() != null;
  }

  private static boolean has(Throwable e, Class<? extends Throwable> kind) {
    for (@Nullable Throwable each = e; each != null; each = each.getCause()) {
      if (kind.isInstance(each)) {
        return true;
      }
    }
    return false;
  }
}
