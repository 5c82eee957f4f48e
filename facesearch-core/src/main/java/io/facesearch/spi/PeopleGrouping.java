package io.facesearch.spi;

import io.facesearch.CorruptIndexException;
import io.facesearch.EmbeddedFace;
import io.facesearch.FaceIndex;
import io.facesearch.Person;
import io.facesearch.internal.FaceClusters;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Groups the faces of a {@link GalleryStorage} into people on demand, and stores the result with
 * the user's corrections through a {@link Keeper}. A storage creates one of these ({@link
 * GalleryStorage#peopleGrouping}), and runs its {@code forget} within {@link #forgetting}.
 *
 * <p>Faces with a name in their record belong to the person of that name; any other face joins the
 * person whose faces are nearest on average (average linkage), if near enough. The first call costs
 * one search per face; later calls, one per new face. Thread-safe: calls take turns. They hold the
 * lock of this object while they call the keeper, so a storage must not call these methods while it
 * holds a lock of its own that its keeper also takes. Holds no resources.
 */
public final class PeopleGrouping {
  /** Of CelebA's people, for SFace's unit vectors: B-cubed precision .98, recall .86. */
  private static final double UNIT_DISTANCE = 1.05;

  /** For dlib's network, whose vectors are none. */
  private static final double OTHER_DISTANCE = 0.5;

  /** Where a storage keeps its people: an array of bytes that contains ids of faces and names. */
  public interface Keeper {
    /** {@return what was saved last; null if nothing was, or it was removed} */
    byte @Nullable [] load();

    /**
     * Saves people, replacing what was saved before. Every call of {@link #people} calls it, often
     * with the same bytes.
     *
     * @param encoded not empty; not changed afterwards
     */
    void save(byte[] encoded);

    /**
     * Returns whether another process has saved people since this one last loaded or saved them.
     * They are then loaded again, so that the corrections of both processes are kept; of two
     * corrections at the same moment, one is lost.
     *
     * @return always false, the default, if only one process at a time can save people
     */
    default boolean changedElsewhere() {
      return false;
    }

    /**
     * Creates the exception to throw if the bytes of {@link #load} are damaged.
     *
     * @param cause says what is wrong
     * @return by default an exception that names no file; a storage with files should name it
     */
    default RuntimeException damaged(IllegalArgumentException cause) {
      return new CorruptIndexException(
          "what was kept of people is damaged ("
              + cause.getMessage()
              + "); restore it, or delete it to group the faces again",
          cause);
    }
  }

  private final FaceIndex index;
  private final double distance;
  private final Keeper keeper;

  /** Null until it is asked for. */
  private @Nullable FaceClusters people;

  /** Whether that is empty and not kept. */
  private boolean nobodyYet;

  /**
   * Creates the grouping of an index. Reads nothing yet.
   *
   * @param index has the faces; may be the storage itself
   * @param distance how far apart the faces of a person may be, as a root mean square distance; 0
   *     for the default, which is 1.05 for unit vectors and 0.5 for others
   * @param keeper stores the people
   * @throws IllegalArgumentException if the distance is neither 0 nor above 0 and finite
   */
  public PeopleGrouping(FaceIndex index, double distance, Keeper keeper) {
    if (distance != 0) {
      FaceClusters.checkDistance(distance);
    }
    this.index = index;
    this.distance = distance;
    this.keeper = keeper;
  }

  /**
   * Groups the faces that are new.
   *
   * @return the people, those with the most faces first
   * @throws CorruptIndexException if the saved bytes are damaged, unless the keeper creates another
   *     exception; this applies to the other methods as well
   * @throws CancellationException if the thread is interrupted; the work done so far is kept
   */
  public synchronized List<Person> people() {
    return refresh().people();
  }

  /**
   * Merges two people.
   *
   * @param first id of a person
   * @param second id of another
   * @return the merged person
   * @throws IllegalArgumentException if an id is unknown, or both people have names
   */
  public synchronized Person merge(String first, String second) {
    FaceClusters current = refresh();
    Person merged = current.merge(first, second);
    keeper.save(current.encode());
    return merged;
  }

  /**
   * Splits some faces off from a person; they become a new person.
   *
   * @param person id of the person
   * @param faceIds some but not all faces of that person, all without a name in their record
   * @return the new person
   * @throws IllegalArgumentException if the id is unknown, or the faces do not meet these
   *     conditions
   */
  public synchronized Person split(String person, Collection<String> faceIds) {
    FaceClusters current = refresh();
    Person other = current.split(person, faceIds, index);
    keeper.save(current.encode());
    return other;
  }

  /**
   * Keeps two people apart: they are never grouped as one.
   *
   * @param first id of a person
   * @param second id of another
   * @throws IllegalArgumentException if an id is unknown, or both ids are of the same person
   */
  public synchronized void keepApart(String first, String second) {
    FaceClusters current = refresh();
    current.keepApart(first, second);
    keeper.save(current.encode());
  }

  /**
   * Finds people who may be the same as a given one, without those that are kept apart from that
   * person and those with a different name. Costs up to eight searches.
   *
   * @param person id of the person
   * @return the people, nearest first
   * @throws IllegalArgumentException if the id is unknown
   */
  public synchronized List<Person> similar(String person) {
    return refresh().similar(person, index);
  }

  /**
   * Returns the latest grouping of the faces. Changes nothing, and costs no search.
   *
   * @return the bytes for a {@link io.facesearch.Grouping}; empty if the faces were never grouped
   */
  public synchronized Optional<byte[]> encoded() {
    return Optional.ofNullable(saved()).map(FaceClusters::encode);
  }

  /**
   * Replaces the grouping by that of another index with the same face ids. Does nothing if this
   * index is empty.
   *
   * @param encoded the grouping of the other index
   * @throws IllegalArgumentException if the bytes are damaged
   */
  public synchronized void take(byte[] encoded) {
    FaceClusters taken = FaceClusters.decode(encoded);
    if (index.size() > 0) {
      people = taken.withVectorsOf(index, startDistance());
      keeper.save(people.encode());
    }
  }

  /** Removes faces from the saved people while they are being forgotten. */
  public interface Cut {
    /**
     * Removes all faces except some. It does not save the result: the storage does, if possible in
     * one transaction with its faces.
     *
     * @param person the name to remove; null for none
     * @param kept ids of the faces that stay
     * @return the encoded remaining people; null if none were saved
     */
    byte @Nullable [] without(@Nullable String person, Set<String> kept);
  }

  /**
   * Forgets faces while no other thread groups people, so that no face gets back into what is
   * saved. People are loaded again afterwards.
   *
   * @param work of the storage: removes the faces and saves what the {@link Cut} leaves
   * @param <T> type of the result
   * @return what the work returned
   */
  public synchronized <T> T forgetting(Function<Cut, T> work) {
    return work.apply(
        (person, kept) -> {
          FaceClusters others = load();
          people = null;
          nobodyYet = false;
          if (others == null) {
            return null;
          }
          others.forget(person, kept);
          return others.encode();
        });
  }

  /** Null if there are none. */
  private @Nullable FaceClusters saved() {
    if (nobodyYet || people != null && keeper.changedElsewhere()) {
      nobodyYet = false;
      people = null;
    }
    return people != null ? people : load();
  }

  private @Nullable FaceClusters load() {
    byte[] kept = keeper.load();
    try {
      return kept == null ? null : FaceClusters.decode(kept);
    } catch (IllegalArgumentException e) {
      throw keeper.damaged(e);
    }
  }

  private FaceClusters refresh() {
    FaceClusters saved = saved();
    FaceClusters current = saved == null ? new FaceClusters(startDistance()) : saved;
    people = current;
    boolean isDone = current.update(index);
    if (saved == null && isDone && current.people().isEmpty()) {
      nobodyYet = true; // the distance depends on the first face
      return current;
    }
    keeper.save(current.encode());
    if (!isDone) {
      throw new CancellationException("interrupted while grouping faces into people");
    }
    return current;
  }

  /** The two networks of facesearch differ in the norm of their vectors. */
  private double startDistance() {
    if (distance > 0) {
      return distance;
    }
    List<EmbeddedFace> faces = index.faces();
    double norm = 0;
    if (!faces.isEmpty()) {
      for (float v : faces.get(0).embedding().toArray()) {
        norm += (double) v * v;
      }
    }
    return Math.abs(norm - 1) < 1e-3 ? UNIT_DISTANCE : OTHER_DISTANCE;
  }
}
