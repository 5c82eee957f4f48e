package io.facesearch.server;

import io.facesearch.EmbeddedFace;
import io.facesearch.Gallery;
import io.facesearch.TagValue;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets faces that clients added, with the crops of their photos, when they have been here for so
 * long. Faces of the folder of photos stay: they would be indexed again. Thread-safe.
 */
final class Retention {
  /** When a client added a face, in seconds since 1970; a name that nobody's own tags have. */
  static final String ADDED = "facesearch.client-added";

  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  private final Gallery gallery;
  private final Duration after;
  private final Consumer<String> remove;
  private final IntConsumer told;
  private final Clock clock;

  /**
   * Makes it.
   *
   * @param after how long faces are kept
   * @param remove removes the face of an id with all that the server knows of it
   * @param told is told how many are due before any is forgotten; if it fails, none is
   */
  Retention(
      Gallery gallery, Duration after, Consumer<String> remove, IntConsumer told, Clock clock) {
    this.told = told;
    this.gallery = gallery;
    this.after = after;
    this.remove = remove;
    this.clock = clock;
  }

  /** Forgets what is due now. */
  void run() {
    if (gallery.isReadOnly()) {
      return;
    }
    double until = clock.instant().minus(after).getEpochSecond();
    List<String> due = new ArrayList<>();
    for (EmbeddedFace face : gallery.faces()) {
      if (face.face().tags().get(ADDED) instanceof TagValue.Numeric added
          && added.value() <= until) {
        due.add(face.face().id());
      }
    }
    if (due.isEmpty()) {
      return;
    }
    told.accept(due.size());
    int failed = 0;
    for (String id : due) {
      try {
        remove.accept(id);
      } catch (RuntimeException e) {
        failed++;
        LOG.debug("a face was not forgotten", e);
      }
    }
    LOG.info(
        "{} faces that clients had added were due, {} forgotten", due.size(), due.size() - failed);
    if (failed > 0) {
      LOG.warn("{} faces that are due could not be forgotten; it is tried again", failed);
    }
  }

  /** The tag's value for a face that is added now. */
  static double now(Clock clock) {
    return Instant.now(clock).getEpochSecond();
  }
}
