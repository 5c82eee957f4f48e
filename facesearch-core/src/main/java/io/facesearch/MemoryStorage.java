package io.facesearch;

import io.facesearch.spi.ForwardingIndex;
import io.facesearch.spi.GalleryStorage;
import io.facesearch.spi.PeopleGrouping;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A storage in memory: any index, with people and crops beside it. Thread-safe if the index is. */
final class MemoryStorage extends ForwardingIndex implements GalleryStorage {
  private final KeptPhotos photos = KeptPhotos.inMemory();

  /** Null until people are grouped. */
  private volatile byte @Nullable [] encoded;

  private volatile Map<String, String> settings = Map.of();
  private final PeopleGrouping people;

  MemoryStorage(FaceIndex index) {
    super(index);
    people =
        new PeopleGrouping(
            index,
            0,
            new PeopleGrouping.Keeper() {
              @Override
              public byte @Nullable [] load() {
                return encoded;
              }

              @Override
              public void save(byte[] now) {
                encoded = now;
              }
            });
  }

  @Override
  public PeopleGrouping peopleGrouping() {
    return people;
  }

  @Override
  public ForgetReceipt forget(String person) {
    return people.forgetting(
        cut -> {
          encoded = cut.without(person, kept(face -> !face.concerns(person)));
          return index.forget(person);
        });
  }

  @Override
  public ForgetReceipt forget(Person person) {
    Set<String> ids = Set.copyOf(person.faceIds());
    String name = person.name().orElse(person.id());
    Predicate<FaceRecord> isOne =
        face -> ids.contains(face.id()) || person.name().filter(face::concerns).isPresent();
    return people.forgetting(
        cut -> {
          encoded = cut.without(person.name().orElse(null), kept(isOne.negate()));
          Set<String> gone = kept(isOne);
          index.replaceAll(gone, List.of());
          // Nobody is called so: what was removed leaves its place, and nobody else goes.
          ForgetReceipt receipt = index.forget("\0" + name);
          return new ForgetReceipt(name, receipt.at(), gone.size(), receipt.stateHash());
        });
  }

  private Set<String> kept(Predicate<FaceRecord> which) {
    Set<String> kept = new HashSet<>();
    for (EmbeddedFace face : index.faces()) {
      if (which.test(face.face())) {
        kept.add(face.face().id());
      }
    }
    return kept;
  }

  @Override
  public KeptPhotos photos() {
    return photos;
  }

  @Override
  public Map<String, String> settings() {
    return settings;
  }

  @Override
  public void setSettings(Map<String, String> now) {
    settings = Map.copyOf(now);
  }

  @Override
  public boolean isDurable() {
    return false;
  }
}
