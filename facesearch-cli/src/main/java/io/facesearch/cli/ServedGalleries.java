package io.facesearch.cli;

import io.facesearch.FolderSource;
import io.facesearch.Gallery;
import io.facesearch.GalleryBuilder;
import io.facesearch.IndexLockedException;
import io.facesearch.PhotoSource;
import io.facesearch.server.FaceServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Several galleries of one server, each under a name: {@code family=faces/family}. Those that were
 * opened are closed with it, unless a server owns them. Not thread-safe.
 */
final class ServedGalleries implements AutoCloseable {
  private static final Pattern NAMED = Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]{0,63})=(.+)");

  private final List<StoreToFill> stores = new ArrayList<>();
  private final List<Gallery> galleries = new ArrayList<>();

  /**
   * What is given as NAME=PATH, in order; empty if it is one path without a name. A path that is
   * there may have a {@code =} in it.
   *
   * @throws IllegalArgumentException if only some have a name, or two have the same
   */
  static Map<String, String> named(String option, List<String> given) {
    Map<String, String> named = new LinkedHashMap<>();
    for (String one : given) {
      if (one.isEmpty()) {
        throw new IllegalArgumentException(
            option + ": a path is empty; a dot means the working folder");
      }
      Matcher matcher = NAMED.matcher(one);
      boolean isPath = given.size() == 1 && (SolrAddress.isOne(one) || Files.exists(Path.of(one)));
      if (matcher.matches() && !isPath) {
        if (named.put(matcher.group(1), matcher.group(2)) != null) {
          throw new IllegalArgumentException(option + " is given twice for " + matcher.group(1));
        }
      }
    }
    boolean isNameMeant =
        given.size() == 1
            && given.get(0).contains("=")
            && !SolrAddress.isOne(given.get(0))
            && !Files.exists(Path.of(given.get(0)));
    if (named.size() != given.size() && (given.size() > 1 || isNameMeant)) {
      throw new IllegalArgumentException(
          "galleries with names need one each, of letters, digits, dots, dashes and underscores: "
              + option
              + " NAME=PATH, but one is: "
              + given.stream().filter(one -> !NAMED.matcher(one).matches()).findFirst().orElse(""));
    }
    return named;
  }

  /** Opens each, or makes its store, and names it to the server. */
  void openAll(
      Map<String, String> paths,
      Map<String, String> photos,
      FolderPeople people,
      Supplier<GalleryBuilder> settings,
      @Nullable Path keyFile,
      ModelOption model,
      FaceServer.Builder builder)
      throws IOException {
    for (Map.Entry<String, String> one : paths.entrySet()) {
      Gallery gallery;
      try {
        gallery = open(one.getValue(), settings.get(), keyFile, model);
      } catch (IndexLockedException e) {
        throw new IndexLockedException("gallery " + one.getKey() + ": " + e.getMessage(), e);
      }
      galleries.add(gallery);
      String folder = photos.get(one.getKey());
      builder.gallery(
          one.getKey(), gallery, folder == null ? null : source(Path.of(folder), people));
    }
  }

  /** Whether it is an index file. */
  static boolean isSnapshot(String given) {
    return !SolrAddress.isOne(given) && new GalleryFiles(Path.of(given)).isSnapshot();
  }

  private Gallery open(
      String given, GalleryBuilder settings, @Nullable Path keyFile, ModelOption model)
      throws IOException {
    if (isSnapshot(given)) {
      return GalleryOption.open(given, null, model);
    }
    StoreToFill store = GalleryOption.fill(given, keyFile, model, settings);
    stores.add(store);
    return store.gallery();
  }

  static FolderSource source(Path photos, FolderPeople people) throws IOException {
    return CelebALabels.of(photos).orElse(people.of(PhotoSource.folder(photos.toRealPath())));
  }

  /** All were opened, so that their stores are kept. */
  void done() throws IOException {
    for (StoreToFill store : stores) {
      store.done();
    }
  }

  @Override
  public void close() throws IOException {
    galleries.forEach(Gallery::close);
    for (StoreToFill store : stores) {
      store.close();
    }
  }
}
