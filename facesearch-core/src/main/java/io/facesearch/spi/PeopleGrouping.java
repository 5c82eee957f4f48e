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
 * The people of a {@link GalleryStorage}: groups the faces of an index when they are asked for, and
 * keeps the outcome, with the corrections of the user, where the storage says. A storage makes one
 * of these ({@link GalleryStorage#peopleGrouping}); its {@code forget} runs within {@link
 * #forgetting}.
 *
 * <p>Faces with a person by their record are of that person; any other joins the people whose faces
 * lie nearest on average (average linkage), if near enough. The first call costs one search for
 * each face, later ones one for each face that is new. Thread-safe; calls take turns, and hold a
 * lock of this object while they call the keeper: a storage takes its own locks within, never
 * around, or always in that order. Holds no resources.
 */
public final class PeopleGrouping {
  /** Of CelebA's people, for SFace's unit vectors: B-cubed precision .98, recall .86. */
  private static final double UNIT_DISTANCE = 1.05;

  /** For dlib's network, whose vectors are none. */
  private static final double OTHER_DISTANCE = 0.5;

  /** Where a storage keeps its people: one array of bytes, which holds ids of faces and names. */
  public interface Keeper {
    /** {@return what was kept last; null if nothing was, or it was taken away} */
    byte @Nullable [] load();

    /**
     * Keeps people in place of those before. It is called by each {@link #people}, too, often with
     * the same bytes.
     *
     * @param encoded not empty; not changed afterwards
     */
    void save(byte[] encoded);

    /**
     * Whether another process kept people since this one loaded or kept them last. They are loaded
     * anew then, so that the corrections of both stay; of two at the same moment one is lost.
     *
     * @return false, the default, where one process at a time keeps people
     */
    default boolean changedElsewhere() {
      return false;
    }

    /**
     * Makes what is thrown where {@link #load} gave bytes that are no people.
     *
     * @param cause says what is wrong
     * @return by default one that cannot tell the file; a storage with files names it
     */
    default RuntimeException damaged(IllegalArgumentException cause) {
      return new CorruptIndexException(
          "what was kept of people is damaged ("
              + cause.getMessage()
              + "); restore it, or delete it to group the faces anew",
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
   * The people of an index. Reads nothing yet.
   *
   * @param index whose faces; the storage itself may be it
   * @param distance how far the faces of a person may lie apart, as the root of the mean squared
   *     distance; 0 for the default: 1.05 for unit vectors, 0.5 for others
   * @param keeper keeps them
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
   * Groups what is new.
   *
   * @return those with most faces first
   * @throws CorruptIndexException if what was kept is damaged, unless the keeper says otherwise; so
   *     do the other methods
   * @throws CancellationException if the thread is interrupted; what was done is kept
   */
  public synchronized List<Person> people() {
    return refresh().people();
  }

  /**
   * Makes two people one.
   *
   * @param first id of a person
   * @param second id of another
   * @return the person that both are now
   * @throws IllegalArgumentException if there is no such person, or both have names
   */
  public synchronized Person merge(String first, String second) {
    FaceClusters current = refresh();
    Person merged = current.merge(first, second);
    keeper.save(current.encode());
    return merged;
  }

  /**
   * Makes some faces of a person another person.
   *
   * @param person id of the person
   * @param faceIds some but not all of its faces, none with a person by its record
   * @return the new person
   * @throws IllegalArgumentException if there is no such person, or the faces are not as said
   */
  public synchronized Person split(String person, Collection<String> faceIds) {
    FaceClusters current = refresh();
    Person other = current.split(person, faceIds, index);
    keeper.save(current.encode());
    return other;
  }

  /**
   * Keeps two people apart: they never become one by themselves.
   *
   * @param first id of a person
   * @param second id of another
   * @throws IllegalArgumentException if there is no such person, or both are one
   */
  public synchronized void keepApart(String first, String second) {
    FaceClusters current = refresh();
    current.keepApart(first, second);
    keeper.save(current.encode());
  }

  /**
   * People who may be the same as one, without those that are kept apart, and, if it has a name,
   * those with another. Costs up to eight searches.
   *
   * @param person id of the person
   * @return nearest first
   * @throws IllegalArgumentException if there is no such person
   */
  public synchronized List<Person> similar(String person) {
    return refresh().similar(person, index);
  }

  /**
   * How the faces were grouped last. Changes nothing, and costs no search.
   *
   * @return for {@link io.facesearch.Grouping}; empty if they never were
   */
  public synchronized Optional<byte[]> encoded() {
    return Optional.ofNullable(saved()).map(FaceClusters::encode);
  }

  /**
   * Takes over the people of another index with faces of the same ids; does nothing if this one is
   * empty.
   *
   * @param encoded people of the other
   * @throws IllegalArgumentException if they are damaged
   */
  public synchronized void take(byte[] encoded) {
    FaceClusters taken = FaceClusters.decode(encoded);
    if (index.size() > 0) {
      people = taken.withVectorsOf(index, startDistance());
      keeper.save(people.encode());
    }
  }

  /** Takes faces out of the people that were kept, while they are forgotten. */
  public interface Cut {
    /**
     * Takes out all faces but some. It does not save: the storage keeps what is left in place of
     * what it had, best in one step with its faces.
     *
     * @param person whose name goes; null for none
     * @param kept ids of the faces that stay
     * @return the encoded people that are left; null if none were kept
     */
    byte @Nullable [] without(@Nullable String person, Set<String> kept);
  }

  /**
   * Forgets faces while nobody looks at people, so that none of them comes back into what is kept;
   * people are read anew afterwards.
   *
   * @param work of the storage, which removes the faces and keeps what the {@link Cut} leaves
   * @param <T> of the result
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
