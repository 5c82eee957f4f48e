package io.facesearch.cli;

import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceEmbedder;
import io.facesearch.Gallery;
import io.facesearch.GalleryBuilder;
import io.facesearch.internal.NativeFolder;
import io.facesearch.server.FaceServer;
import java.awt.Desktop;
import java.awt.GraphicsEnvironment;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = {
      "Serves the query page and its REST interface on this machine.",
      "Without --photos and --gallery it searches the sample faces in this jar."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {"  facesearch serve --open", "  facesearch serve --photos photos --gallery faces"})
final class ServeCommand implements Callable<Integer> {
  /** How requests are logged. */
  private enum LogForm {
    TEXT,
    JSON
  }

  /** With or without a port; no URL. */
  private static final Pattern HOST_NAME = Pattern.compile("[^\\s/@?#]+");

  @Option(
      names = "--photos",
      paramLabel = "FOLDER",
      description =
          "Photos to index and to show; a subfolder's name is the person. CelebA's folder brings its people and attributes. Of several galleries: NAME=FOLDER, may be repeated.")
  private List<String> photosGiven = List.of();

  private @Nullable Path photos;

  @Mixin private FolderPeople people;

  @Option(
      names = "--names-from-photos",
      description =
          "Of photos that are indexed, take the names that they themselves give their faces, as digiKam and Lightroom write them (regions in the XMP data of JPEG files).")
  private boolean namesFromPhotos;

  @Option(
      names = "--gallery",
      paramLabel = "PATH",
      description =
          "The folder of a store, made if missing; an index file (*.fsx), which is only read; or solr:COLLECTION@URL of a SolrCloud (default: in memory, gone at the end). Several: NAME=PATH, repeated; the page and the paths /api/galleries/NAME/... offer them by their names.")
  private List<String> galleriesGiven = List.of();

  private @Nullable String path;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description =
          "Holds the key of the stores of --gallery, 16 or 32 bytes (default: they are not encrypted). Added photos are not encrypted.")
  private @Nullable Path keyFile;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8080",
      description = "0 for any that is free (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "NAME",
      defaultValue = "127.0.0.1",
      description =
          "Address to listen on (default: ${DEFAULT-VALUE}). Any beyond this machine needs --token, and a proxy with TLS in front.")
  private String host;

  @Option(
      names = "--token",
      paramLabel = "SECRET",
      description = "What clients must know, at least 16 characters; or FACESEARCH_TOKEN.")
  private @Nullable String token;

  @Option(
      names = "--search-token",
      paramLabel = "SECRET",
      description =
          "What clients must know that may search and look, and change nothing; besides --token. Or FACESEARCH_SEARCH_TOKEN.")
  private @Nullable String searchToken;

  @Option(
      names = "--audit",
      paramLabel = "FILE",
      description =
          "Append to this file who asked for what, in JSON lines without names, ids or pixels. Where it cannot be written, nothing is answered that it would have to tell.")
  private @Nullable Path audit;

  @Option(
      names = "--log-requests",
      paramLabel = "FORM",
      description = "Print a line for each answer, without names, to stderr: text or json.")
  private @Nullable LogForm logRequests;

  @Option(
      names = "--forget-after",
      paramLabel = "DAYS",
      description =
          "Forget faces that clients add, with their photos, after so many days (default: never).")
  private @Nullable Integer forgetAfter;

  @Option(
      names = "--allow-host",
      paramLabel = "NAME",
      description = "A further name under which browsers reach this server; may be repeated.")
  private List<String> allowedHosts = List.of();

  @Option(
      names = "--max-upload",
      paramLabel = "MIB",
      defaultValue = "16",
      description = "Largest photo that may be uploaded (default: ${DEFAULT-VALUE}).")
  private int maxUpload;

  @Option(names = "--open", description = "Open the page in the browser.")
  private boolean open;

  @Mixin private ModelOption model;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (port < 0 || port > 65_535) {
      throw wrong("--port must be between 0 and 65535, but is: " + port);
    }
    if (maxUpload < 1 || maxUpload > 256) {
      throw wrong("--max-upload must be between 1 and 256, but is: " + maxUpload);
    }
    if (forgetAfter != null && forgetAfter < 1) {
      throw wrong("--forget-after must be at least 1 day, but is: " + forgetAfter);
    }
    if (host.isBlank()) {
      throw wrong("--host is empty; name an address, or leave it out");
    }
    for (String name : allowedHosts) {
      if (!HOST_NAME.matcher(name).matches()) {
        throw wrong(
            "--allow-host must be the name or the address of this server as browsers say it, such"
                + " as faces.example.org, but is: \""
                + name
                + "\"");
      }
    }
    if (photosGiven.size() > 1 && galleriesGiven.size() < 2) {
      throw wrong(
          "one gallery has one folder of photos, but --photos is given "
              + photosGiven.size()
              + " times; name the folder that they lie in");
    }
    Map<String, String> named;
    Map<String, String> namedPhotos;
    try {
      named = ServedGalleries.named("--gallery", galleriesGiven);
      namedPhotos = ServedGalleries.named("--photos", photosGiven);
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
    for (String name : namedPhotos.keySet()) {
      if (!named.containsKey(name)) {
        throw wrong("--photos " + name + "=... is for a gallery of that name, which is missing");
      }
    }
    if (named.isEmpty()) {
      path = galleriesGiven.isEmpty() ? null : galleriesGiven.get(0);
      photos = photosGiven.isEmpty() ? null : Path.of(photosGiven.get(0));
    } else if (namedPhotos.size() != photosGiven.size()) {
      throw wrong("of several galleries, --photos needs the name of one: --photos NAME=FOLDER");
    }
    if (keyFile != null && galleriesGiven.isEmpty()) {
      throw wrong("--key-file is for the store of --gallery, which is missing");
    }
    if (photos != null) {
      GalleryFiles.requireFolder(photos);
    }
    for (String folder : namedPhotos.values()) {
      GalleryFiles.requireFolder(Path.of(folder));
    }
    Output output = Output.of(spec);
    PrintWriter out = output.text();
    CountDownLatch stop = new CountDownLatch(1);
    StopSignal.onStop(stop::countDown);
    if (!named.isEmpty()) {
      return serveSeveral(named, namedPhotos, output, stop);
    }
    boolean samples = photos == null && path == null;
    if (samples) {
      // Goes with the process, or if that is killed with the next one.
      Path unpacked = NativeFolder.path("the sample faces").resolve("samples");
      SampleFaces.unpack(unpacked);
      photos = unpacked.resolve("gallery");
    }
    try (StoreToFill made = store()) {
      Gallery gallery = gallery(made);
      try (FaceServer server = start(gallery, samples)) {
        if (made != null) {
          made.done();
        }
        tell(server, output);
        if (isSnapshot()) {
          out.println(
              path
                  + " is an index file, which is read-only: nothing is added or forgotten;"
                  + " 'facesearch import "
                  + path
                  + " --gallery FOLDER' makes a store of it");
        }
        out.flush();
        if (photos == null && path != null) {
          tellHidden(gallery.storage().roots(), output);
        }
        await(server, out, stop);
      }
    }
    return 0;
  }

  /** Photos that lie in folders are shown only if that is asked for. */
  private static void tellHidden(Map<String, Path> folders, Output output) {
    if (!folders.isEmpty()) {
      output.note(
          "its photos are not shown, as no folder of photos is named; that is --photos "
              + folders.values().stream()
                  .map(folder -> ShellWord.of(folder.toString()))
                  .collect(Collectors.joining(" or --photos ")));
    }
  }

  private int serveSeveral(
      Map<String, String> paths, Map<String, String> folders, Output output, CountDownLatch stop)
      throws Exception {
    FaceServer.Builder builder = FaceServer.builder();
    try (ServedGalleries galleries = new ServedGalleries()) {
      galleries.openAll(paths, folders, people, this::builder, keyFile, model, builder);
      try (FaceServer server = settings(builder).start()) {
        galleries.done();
        tell(server, output);
        await(server, output.text(), stop);
      } catch (IllegalArgumentException e) {
        throw wrong(String.valueOf(e.getMessage()));
      }
    }
    return 0;
  }

  private static void tell(FaceServer server, Output output) {
    output.text().println("facesearch is at " + server.url() + " (Ctrl-C to stop)");
    output.json("serving", "url", server.url());
    output.text().flush();
  }

  private void await(FaceServer server, PrintWriter out, CountDownLatch stop)
      throws InterruptedException {
    if (open) {
      openBrowser(server.url(), out);
    }
    stop.await();
  }

  /** Null if there is none: in memory, or an index file. */
  private @Nullable StoreToFill store() throws IOException {
    return path == null || isSnapshot()
        ? null
        : GalleryOption.fill(path, keyFile, model, builder());
  }

  private GalleryBuilder builder() {
    return Gallery.builder().namesFromPhotos(namesFromPhotos);
  }

  private boolean isSnapshot() {
    return path != null && ServedGalleries.isSnapshot(path);
  }

  private Gallery gallery(@Nullable StoreToFill made) throws IOException {
    if (path == null) {
      FaceEmbedder embedder = model.open();
      try {
        return builder().analyzer(FaceAnalyzer.builder().embedder(embedder)).open();
      } catch (IOException | RuntimeException e) {
        embedder.close();
        throw e;
      }
    }
    return made == null ? GalleryOption.open(path, keyFile, model) : made.gallery();
  }

  private FaceServer start(Gallery gallery, boolean samples) throws IOException {
    try {
      FaceServer.Builder builder = settings(FaceServer.builder(gallery));
      if (photos != null) {
        builder.photos(ServedGalleries.source(photos, people));
      }
      if (samples) {
        builder.samples(SampleFaces.toTry());
      }
      return builder.start();
    } catch (IllegalArgumentException e) {
      gallery.close();
      throw wrong(String.valueOf(e.getMessage()));
    } catch (IOException | RuntimeException e) {
      gallery.close();
      throw e;
    }
  }

  private FaceServer.Builder settings(FaceServer.Builder builder) {
    builder.host(host).port(port).allowedHosts(allowedHosts).maxUpload(maxUpload << 20);
    String secret = token == null ? System.getenv("FACESEARCH_TOKEN") : token;
    if (secret != null) {
      builder.token(secret);
    }
    String second = searchToken == null ? System.getenv("FACESEARCH_SEARCH_TOKEN") : searchToken;
    if (second != null) {
      builder.searchToken(second);
    }
    if (audit != null) {
      builder.audit(audit);
    }
    if (logRequests != null) {
      PrintWriter err = spec.commandLine().getErr();
      builder.requestLog(err::println, logRequests == LogForm.JSON);
    }
    if (forgetAfter != null) {
      builder.forgetAfter(Duration.ofDays(forgetAfter));
    }
    return builder;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static void openBrowser(String url, PrintWriter out) {
    try {
      if (!GraphicsEnvironment.isHeadless() && Desktop.isDesktopSupported()) {
        Desktop.getDesktop().browse(URI.create(url));
        return;
      }
    } catch (IOException | UnsupportedOperationException e) {
      // It is said below.
    }
    out.println("no browser could be opened; open the address above");
    out.flush();
  }
}
