package io.facesearch.internal;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceIndex;
import io.facesearch.Person;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Function;

/**
 * The people of an index, grouped when they are asked for and kept where the owner says.
 * Thread-safe; calls take turns.
 */
public final class GroupedPeople {
  /** Of CelebA's people, for SFace's unit vectors: B-cubed precision .98, recall .86. */
  private static final double UNIT_DISTANCE = 1.05;

  /** For dlib's network, whose vectors are none. */
  private static final double OTHER_DISTANCE = 0.5;

  /** Keeps the encoded people. */
  public interface Keeper {
    /**
     * Reads what was kept.
     *
     * @return null if nothing was
     */
    FaceClusters load();

    /**
     * Keeps people.
     *
     * @param encoded in place of those before
     */
    void save(byte[] encoded);
  }

  private final FaceIndex index;
  private final double distance;
  private final Keeper keeper;

  /** Null until it is asked for. */
  private FaceClusters people;

  /** Whether that is empty and not kept. */
  private boolean nobodyYet;

  /**
   * The people of an index.
   *
   * @param index whose faces
   * @param distance how far the faces of a person may lie apart; 0 for the default of the model
   * @param keeper keeps them
   */
  public GroupedPeople(FaceIndex index, double distance, Keeper keeper) {
    this.index = index;
    this.distance = distance;
    this.keeper = keeper;
  }

  /**
   * Groups what is new.
   *
   * @return those with most faces first
   * @throws CancellationException if the thread is interrupted; what was done is kept
   */
  public synchronized List<Person> people() {
    refresh();
    return people.people();
  }

  /**
   * Makes two people one.
   *
   * @param first id of a person
   * @param second id of another
   * @return the person that both are now
   */
  public synchronized Person merge(String first, String second) {
    refresh();
    Person merged = people.merge(first, second);
    keeper.save(people.encode());
    return merged;
  }

  /**
   * Makes some faces of a person another person.
   *
   * @param person id of the person
   * @param faceIds some but not all of its faces
   * @return the new person
   */
  public synchronized Person split(String person, Collection<String> faceIds) {
    refresh();
    Person other = people.split(person, faceIds, index);
    keeper.save(people.encode());
    return other;
  }

  /**
   * How the faces were grouped last.
   *
   * @return encoded; empty if they never were
   */
  public synchronized Optional<byte[]> encoded() {
    return Optional.ofNullable(saved()).map(FaceClusters::encode);
  }

  /**
   * Takes over the people of another index with faces of the same ids; does nothing if this one is
   * empty.
   *
   * @param encoded people of the other
   */
  public synchronized void take(byte[] encoded) {
    FaceClusters taken = FaceClusters.decode(encoded);
    if (index.size() > 0) {
      people = taken.withVectorsOf(index, startDistance());
      keeper.save(people.encode());
    }
  }

  /** Takes faces out of the people that were kept. */
  public interface Cut {
    /**
     * Cuts.
     *
     * @param person whose name goes; null for none
     * @param kept ids of the faces that stay
     * @return the encoded people that are left; null if none were kept
     */
    byte[] without(String person, Set<String> kept);
  }

  /**
   * Runs something while nobody looks at people; they are read anew afterwards.
   *
   * @param work is given what takes faces out
   * @param <T> of the result
   * @return what the work returned
   */
  public synchronized <T> T forgetting(Function<Cut, T> work) {
    return work.apply(
        (person, kept) -> {
          FaceClusters others = keeper.load();
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
  private FaceClusters saved() {
    if (nobodyYet) {
      nobodyYet = false;
      people = null;
    }
    return people != null ? people : keeper.load();
  }

  private void refresh() {
    people = saved();
    boolean isNew = people == null;
    if (isNew) {
      people = new FaceClusters(startDistance());
    }
    boolean isDone = people.update(index);
    if (isNew && isDone && people.people().isEmpty()) {
      nobodyYet = true; // the distance depends on the first face
      return;
    }
    keeper.save(people.encode());
    if (!isDone) {
      throw new CancellationException("interrupted while grouping faces into people");
    }
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
