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
 * Where a {@code Gallery} keeps what it knows: faces with their vectors, people and corrections of
 * them, crops of photos, and a few settings. Has the promises of {@link FaceIndex}; every method is
 * thread-safe. The class {@code GalleryStorageContract} of the tests of facesearch-core checks an
 * implementation.
 */
public interface GalleryStorage extends FaceIndex {
  /**
   * What groups the faces of this storage into people. The methods about people hand on to it, so
   * that a storage makes one and has nothing more to do for them.
   *
   * @return the same object each time
   */
  PeopleGrouping peopleGrouping();

  /**
   * Groups all faces into people: those that bear a name by it, the others by their distances. A
   * person keeps its id as long as it has faces. The first call costs one search for each face;
   * later ones, one for each face that is new.
   *
   * @return those with most faces first
   * @throws java.util.concurrent.CancellationException if the thread is interrupted; what was done
   *     is kept for the next call
   */
  default List<Person> people() {
    return peopleGrouping().people();
  }

  /**
   * Makes two people one, for good.
   *
   * @param first id of a person
   * @param second id of another
   * @return the person that both are now
   * @throws IllegalArgumentException if there is no such person, or both have names
   */
  default Person merge(String first, String second) {
    return peopleGrouping().merge(first, second);
  }

  /**
   * Makes some faces of a person another person, for good: the two never become one again unless
   * they are merged.
   *
   * @param person id of the person
   * @param faceIds some but not all of its faces, none with a person by its record
   * @return the new person
   * @throws IllegalArgumentException if there is no such person, or the faces are not as said
   */
  default Person split(String person, Collection<String> faceIds) {
    return peopleGrouping().split(person, faceIds);
  }

  /**
   * Keeps two people apart, for good: they never become one unless they are merged.
   *
   * @param first id of a person
   * @param second id of another
   * @throws IllegalArgumentException if there is no such person, or both are one
   */
  default void keepApart(String first, String second) {
    peopleGrouping().keepApart(first, second);
  }

  /**
   * People who may be the same as one, without those that are kept apart from it.
   *
   * @param person id of the person
   * @return nearest first
   * @throws IllegalArgumentException if there is no such person
   */
  default List<Person> similar(String person) {
    return peopleGrouping().similar(person);
  }

  /**
   * Removes all faces that were grouped as a person, and those that bear its name, as {@link
   * #forget(String)} does.
   *
   * @param person one of {@link #people}
   * @return what was done; it tells the name of the person, or the id if there is none
   */
  ForgetReceipt forget(Person person);

  /**
   * How the faces were grouped last. Changes nothing, and costs no search.
   *
   * @return empty if they never were
   */
  default Optional<Grouping> grouping() {
    return peopleGrouping().encoded().map(Grouping::new);
  }

  /**
   * Takes over the people of another storage that has faces of the same ids. What this one knew of
   * people is dropped; an empty one takes nothing.
   *
   * @param grouping of the other
   */
  default void takeGrouping(Grouping grouping) {
    peopleGrouping().take(grouping.encoded());
  }

  /** {@return the crops of photos that are kept here; the same object each time} */
  KeptPhotos photos();

  /**
   * Forgets a person, and then deletes the crops of the photos of that person, in this order: a
   * crop that is left without its face is found by {@link #sweep}, a face without its crop is not.
   *
   * @param person whose faces
   * @return what was done, and which files of the person are left
   */
  default Forgotten erase(String person) {
    dropMentions(person);
    return erase(face -> face.concerns(person), () -> forget(person));
  }

  /**
   * The same for all faces that were grouped as a person, and those that bear its name.
   *
   * @param person one of {@link #people}
   * @return what was done, and which files of the person are left
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
   * Deletes crops that no face has: a process was killed before it added the face, or after it
   * removed it. Nobody adds faces meanwhile.
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
   * Settings of the gallery that are kept with it, such as its calibration. They hold nothing of
   * any face.
   *
   * @return a snapshot, values by name
   */
  Map<String, String> settings();

  /**
   * Keeps settings; takes the place of all that were there.
   *
   * @param settings values by name
   * @throws FaceSearchException if they cannot be kept
   */
  void setSettings(Map<String, String> settings);

  /**
   * The threshold for two photos that was calibrated for this gallery, if one is kept with it.
   *
   * @param model fingerprint of the model whose distances it must be
   * @return empty, the default, if there is none
   * @throws io.facesearch.ModelMismatchException if it is of another model
   * @throws IOException if it cannot be read
   */
  default Optional<DecisionThreshold> threshold(String model) throws IOException {
    return Optional.empty();
  }

  /**
   * Grows when it is met that another process changed faces; may ask for it only every few seconds.
   *
   * @return 0, the default, where one process at a time changes the storage
   */
  default long changesElsewhere() {
    return 0;
  }

  /** {@return whether what is added outlives this process; false for a storage in memory} */
  boolean isDurable();

  /**
   * Writes a copy of everything to a folder of its own: the state at one moment of this call,
   * readable by its owner alone.
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
