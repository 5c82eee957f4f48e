package io.facesearch.spi;

import io.facesearch.DecisionThreshold;
import io.facesearch.EmbeddedFace;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.ForgetReceipt;
import io.facesearch.Forgotten;
import io.facesearch.Grouping;
import io.facesearch.KeptPhotos;
import io.facesearch.Person;
import io.facesearch.internal.Mentions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Where a {@code Gallery} keeps its data: faces with their vectors, people and the user's
 * corrections of them, crops of photos, and a few settings. The guarantees of {@link FaceIndex}
 * apply, and every method is thread-safe. To test an implementation, extend {@code
 * GalleryStorageContract} from the test jar of facesearch-core.
 */
public interface GalleryStorage extends FaceIndex {
  /**
   * Returns the object that groups the faces of this storage into people. The methods about people
   * delegate to it by default, so a storage only needs to create one.
   *
   * @return the same object each time
   */
  PeopleGrouping peopleGrouping();

  /**
   * Groups all faces into people: faces with a name by their name, the others by distance. A person
   * keeps its id as long as it has faces. The first call costs one search per face; later calls,
   * one per new face.
   *
   * @return the people, those with the most faces first
   * @throws java.util.concurrent.CancellationException if the thread is interrupted; the work done
   *     so far is kept for the next call
   */
  default List<Person> people() {
    return peopleGrouping().people();
  }

  /**
   * Merges two people permanently.
   *
   * @param first id of a person
   * @param second id of another
   * @return the merged person
   * @throws IllegalArgumentException if an id is unknown, or both people have names
   */
  default Person merge(String first, String second) {
    return peopleGrouping().merge(first, second);
  }

  /**
   * Splits some faces off from a person permanently: they become a new person, and the two are
   * never grouped as one again unless they are merged.
   *
   * @param person id of the person
   * @param faceIds some but not all faces of that person, all without a name in their record
   * @return the new person
   * @throws IllegalArgumentException if the id is unknown, or the faces do not meet these
   *     conditions
   */
  default Person split(String person, Collection<String> faceIds) {
    return peopleGrouping().split(person, faceIds);
  }

  /**
   * Keeps two people apart permanently: they are never grouped as one unless they are merged.
   *
   * @param first id of a person
   * @param second id of another
   * @throws IllegalArgumentException if an id is unknown, or both ids are of the same person
   */
  default void keepApart(String first, String second) {
    peopleGrouping().keepApart(first, second);
  }

  /**
   * Finds people who may be the same as a given one, without those that are kept apart from that
   * person.
   *
   * @param person id of the person
   * @return the people, nearest first
   * @throws IllegalArgumentException if the id is unknown
   */
  default List<Person> similar(String person) {
    return peopleGrouping().similar(person);
  }

  /**
   * Removes all faces that are grouped as a person, and all faces with its name, as {@link
   * #forget(String)} does.
   *
   * @param person one of {@link #people}
   * @return what was done; it has the name of the person, or the id if there is no name
   */
  ForgetReceipt forget(Person person);

  /**
   * Returns the latest grouping of the faces. Changes nothing, and costs no search.
   *
   * @return the grouping; empty if the faces were never grouped
   */
  default Optional<Grouping> grouping() {
    return peopleGrouping().encoded().map(Grouping::new);
  }

  /**
   * Replaces the grouping of this storage by that of another storage with the same face ids. Does
   * nothing if this storage is empty.
   *
   * @param grouping of the other storage
   */
  default void takeGrouping(Grouping grouping) {
    peopleGrouping().take(grouping.encoded());
  }

  /** {@return the stored crops of photos; the same object each time} */
  KeptPhotos photos();

  /**
   * Forgets a person, and then deletes the crops of that person's photos. The order matters: {@link
   * #sweep} finds a crop without its face, but not a face without its crop.
   *
   * @param person the name
   * @return what was done, and which files of the person remain
   */
  default Forgotten erase(String person) {
    dropMentions(person);
    return erase(face -> face.concerns(person), () -> forget(person));
  }

  /**
   * Forgets all faces that are grouped as a person, and all faces with its name, and deletes their
   * crops.
   *
   * @param person one of {@link #people}
   * @return what was done, and which files of the person remain
   */
  default Forgotten erase(Person person) {
    Set<String> ids = Set.copyOf(person.faceIds());
    person.name().ifPresent(this::dropMentions);
    return erase(
        face -> ids.contains(face.id()) || person.name().filter(face::concerns).isPresent(),
        () -> forget(person));
  }

  private void dropMentions(String person) {
    Mentions.drop(this, faces(), person);
  }

  private Forgotten erase(Predicate<FaceRecord> whose, Supplier<ForgetReceipt> how) {
    List<FaceRecord> faces = faces().stream().map(EmbeddedFace::face).filter(whose).toList();
    ForgetReceipt receipt = how.get();
    KeptPhotos.Deleted crops =
        photos().delete(faces.stream().flatMap(face -> face.source().stream()).toList());
    List<Path> left = faces.stream().flatMap(face -> photoOf(face).stream()).distinct().toList();
    return new Forgotten(receipt, crops.photos(), crops.left(), left);
  }

  /**
   * Deletes crops that no face refers to, because a process was killed before it added the face or
   * after it removed it. Must not run while faces are being added.
   *
   * @return what was deleted, and what could not be
   */
  default KeptPhotos.Deleted sweep() {
    return photos()
        .sweep(
            () -> {
              Set<String> names = new HashSet<>();
              for (EmbeddedFace face : faces()) {
                face.face()
                    .source()
                    .filter(name -> name.startsWith(KeptPhotos.ROOT))
                    .ifPresent(names::add);
              }
              return names;
            });
  }

  /**
   * Returns the settings that are stored with the gallery, such as its calibration. They contain no
   * data of faces.
   *
   * @return a snapshot, values by name
   */
  Map<String, String> settings();

  /**
   * Stores settings, replacing all earlier ones.
   *
   * @param settings values by name
   * @throws FaceSearchException if they cannot be stored
   */
  void setSettings(Map<String, String> settings);

  /**
   * Returns the threshold for two photos that was calibrated for this gallery and is stored with
   * it.
   *
   * @param model fingerprint of the model that the threshold must be for
   * @return the threshold; empty, the default, if there is none
   * @throws io.facesearch.ModelMismatchException if it is for another model
   * @throws IOException if it cannot be read
   */
  default Optional<DecisionThreshold> threshold(String model) throws IOException {
    return Optional.empty();
  }

  /**
   * Returns a number that grows when another process was found to have changed faces. May look for
   * changes only every few seconds.
   *
   * @return 0 or more; always 0, the default, if only one process at a time can change the storage
   */
  default long changesElsewhere() {
    return 0;
  }

  /** {@return whether changes outlive this process; false for a storage in memory} */
  boolean isDurable();

  /**
   * Writes a copy of everything to a new folder: the state at one moment during this call, readable
   * only by the current user.
   *
   * @param target a new or empty folder
   * @throws UnsupportedOperationException by default: this storage has no files
   * @throws IOException if the copy cannot be written
   */
  default void backup(Path target) throws IOException {
    throw new UnsupportedOperationException(
        "a gallery in memory has no files; open one in a folder to back it up");
  }
}
