package io.facesearch.server;

import io.facesearch.Embedding;
import io.facesearch.FaceImageReader;
import io.facesearch.FolderSource;
import io.facesearch.Gallery;
import io.facesearch.ModelCard;
import io.facesearch.Search;
import io.facesearch.server.Route.Access;
import io.facesearch.server.Route.Body;
import io.facesearch.server.Workers.Lane;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One gallery of a server, with all that is answered about it. Owns the gallery. Thread-safe. */
final class GalleryApi implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GalleryApi.class);

  /** What paths begin with. */
  static final String ROOT = "/api";

  /**
   * A gallery that is to be served.
   *
   * @param name letters, digits, {@code . _ -}; empty of one alone
   * @param photos the folder whose photos are shown, or null
   */
  record Part(String name, Gallery gallery, @Nullable FolderSource photos) {
    String path() {
      return name.isEmpty() ? ROOT : ROOT + "/galleries/" + name;
    }
  }

  /** What galleries share. */
  record Shared(
      Limits limits,
      Metrics metrics,
      Samples samples,
      PhotoZip zip,
      Clock clock,
      Workers workers) {}

  private final Part part;
  private final Shared shared;
  private final ServedGallery served;
  private final ServedFaces shown;
  private final Thumbnails thumbnails;
  private final SearchApi search;
  private final FacesApi faces;
  private final PeopleApi people;
  private final FacetsApi facets;
  private final GalleryInfo info;
  private final Events events;
  private final @Nullable Retention retention;

  /**
   * Makes it.
   *
   * @param forgetAfter after how long faces are forgotten that clients add, or null
   * @param due is told how many are about to be forgotten
   */
  GalleryApi(Part part, Shared shared, @Nullable Duration forgetAfter, IntConsumer due)
      throws IOException {
    this.part = part;
    this.shared = shared;
    Gallery gallery = part.gallery();
    Limits limits = shared.limits();
    served = new ServedGallery(gallery, part.photos());
    FaceKeys keys = new FaceKeys(gallery::version, gallery::faces);
    shown = new ServedFaces(served, keys);
    thumbnails =
        new Thumbnails(served, FaceImageReader.builder().maxPixels(limits.pixels()).build());
    Uploads uploads = new Uploads(gallery, limits, shared.metrics());
    people = new PeopleApi(served, thumbnails, keys, shown);
    faces =
        new FacesApi(served, uploads, thumbnails, keys, shown, people, shared.clock(), part.path());
    search = new SearchApi(gallery, shared.metrics(), uploads, thumbnails, shown, people);
    facets = new FacetsApi(gallery);
    info = new GalleryInfo(served, limits, shared.samples().names());
    events =
        new Events(
            () -> Gate.json(info.progress()), task -> shared.workers().submit(Lane.QUERY, task));
    retention =
        forgetAfter == null
            ? null
            : new Retention(gallery, forgetAfter, faces::retire, due, shared.clock());
  }

  Part part() {
    return part;
  }

  /** All that is answered about the gallery. */
  List<Route> routes() {
    return Stream.of(
            photo("/search", Body.PHOTO_OR_JSON, search::search)
                .takes(with(Filters.NAMES, "k", "face", "vectors")),
            photo("/identify", Body.PHOTO, search::identify),
            photo("/detect", Body.PHOTO, search::detect),
            photo("/verify", Body.JSON_WITH_PHOTOS, search::verify),
            look("/facets", facets::count).takes(Filters.NAMES),
            look("/faces", faces::list).takes(with(Filters.NAMES, "limit", "offset")),
            change("POST", "/faces", Body.PHOTO, Lane.PHOTO, faces::add).takes("person", "face"),
            look("/faces/{id}", faces::one),
            change("DELETE", "/faces/{id}", Body.NONE, Lane.QUERY, faces::delete),
            picture("/faces/{id}/photo", faces::thumbnail),
            picture("/faces/{id}/picture", faces::picture),
            look("/faces/{id}/photo-faces", faces::photoFaces),
            change(
                    "POST",
                    "/photos/zip",
                    Body.JSON,
                    Lane.QUERY,
                    x -> shared.zip().send(x, served, shown))
                .takes("names"),
            look("/groups", people::list).takes("q", "limit", "offset"),
            look("/groups/{id}", people::one),
            change("DELETE", "/groups/{id}", Body.NONE, Lane.QUERY, people::forget),
            look("/groups/{id}/faces", people::faces).takes("limit", "offset"),
            look("/groups/{id}/similar", people::similar),
            change("POST", "/groups/{id}/name", Body.JSON, Lane.QUERY, people::name),
            change("POST", "/groups/{id}/merge", Body.JSON, Lane.QUERY, people::merge),
            change("POST", "/groups/{id}/split", Body.JSON, Lane.QUERY, people::split),
            change("POST", "/groups/{id}/apart", Body.JSON, Lane.QUERY, people::apart),
            change("POST", "/move", Body.JSON, Lane.QUERY, people::move),
            change("POST", "/undo", Body.JSON, Lane.QUERY, people::undo),
            look("/people", people::names).takes("q", "limit", "offset"),
            change("DELETE", "/people", Body.NONE, Lane.QUERY, people::forgetName).takes("person"),
            look("/info", info::info),
            new Route("GET", "/events", Access.SEARCH, Body.NONE, Lane.NOW, events::connect))
        .map(route -> route.at(part.path() + route.path()))
        .toList();
  }

  private static Set<String> with(Set<String> names, String... more) {
    return Stream.concat(names.stream(), Stream.of(more)).collect(Collectors.toUnmodifiableSet());
  }

  private static Route look(String path, Route.Handler handler) {
    return new Route("GET", path, Access.SEARCH, Body.NONE, Lane.QUERY, handler);
  }

  private static Route picture(String path, Route.Handler handler) {
    return new Route("GET", path, Access.SEARCH, Body.NONE, Lane.PHOTO, handler);
  }

  private static Route photo(String path, Body body, Route.Handler handler) {
    return new Route("POST", path, Access.SEARCH, body, Lane.PHOTO, handler);
  }

  private static Route change(
      String method, String path, Body body, Lane lane, Route.Handler handler) {
    return new Route(method, path, Access.CHANGE, body, lane, handler);
  }

  /** Fails unless it answers a search. */
  void search() {
    ModelCard card = part.gallery().analyzer().model();
    float[] any = new float[card.dimension()];
    any[0] = 1;
    part.gallery().search(Embedding.of(card.fingerprint(), any), Search.nearest(1));
  }

  /** Begins what goes on by itself: indexing, and forgetting what is due. */
  void start() {
    if (retention != null) {
      retire();
    }
    served.startIndexing();
  }

  /** Tells browsers what is new. */
  void tell() {
    events.tell();
  }

  /** Has what is due forgotten, and pictures of whom another process may have forgotten. */
  void submitRetention() {
    shared
        .workers()
        .submit(
            Lane.QUERY,
            () -> {
              retire();
              dropPictures();
            });
  }

  private void dropPictures() {
    try {
      thumbnails.clearIfChangedElsewhere();
    } catch (RuntimeException e) {
      LOG.debug("whether another process changed the gallery is not known now", e);
    }
  }

  /** Forgets what is due, on whatever thread. */
  void retire() {
    if (retention == null) {
      return;
    }
    try {
      retention.run();
    } catch (RuntimeException e) {
      LOG.warn("what is due could not be forgotten: {}", Failures.describe(e));
    }
  }

  /** Lets browsers go. */
  void closeEvents() {
    events.close();
  }

  /** Stops indexing, and frees the gallery. */
  @Override
  public void close() {
    served.close();
  }
}
