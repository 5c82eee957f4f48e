package com.example.plugin;

import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.ForgetReceipt;
import io.facesearch.KeptPhotos;
import io.facesearch.Person;
import io.facesearch.spi.GalleryStorage;
import io.facesearch.spi.PeopleGrouping;
import io.facesearch.spi.StorageProvider;
import io.facesearch.spi.StorageSettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A storage that keeps nothing: faces, people, crops and settings are in memory. One with a
 * database writes where this one sets a field.
 */
public final class MemoryStorage extends ListIndex implements GalleryStorage {
  private final PeopleGrouping people = new PeopleGrouping(this, 0, new Keeper());
  private final KeptPhotos crops = KeptPhotos.inMemory();

  /** Null until people are grouped. */
  private volatile byte[] grouped;

  private volatile Map<String, String> settings = Map.of();

  private final class Keeper implements PeopleGrouping.Keeper {
    @Override
    public byte[] load() {
      return grouped;
    }

    @Override
    public void save(byte[] encoded) {
      grouped = encoded;
    }
  }

  @Override
  public PeopleGrouping peopleGrouping() {
    return people;
  }

  @Override
  public ForgetReceipt forget(String person) {
    return forget(person, person, face -> face.concerns(person));
  }

  @Override
  public ForgetReceipt forget(Person person) {
    Set<String> ids = Set.copyOf(person.faceIds());
    return forget(
        person.name().orElse(person.id()),
        person.name().orElse(null),
        face -> ids.contains(face.id()) || person.name().filter(face::concerns).isPresent());
  }

  /** Faces and people in one step, while nobody groups. */
  private ForgetReceipt forget(String who, String name, Predicate<FaceRecord> whose) {
    return people.forgetting(
        cut -> {
          synchronized (this) {
            ForgetReceipt receipt = forget(who, whose);
            Set<String> left =
                faces().stream().map(face -> face.face().id()).collect(Collectors.toSet());
            grouped = cut.without(name, left);
            return receipt;
          }
        });
  }

  @Override
  public KeptPhotos photos() {
    return crops;
  }

  @Override
  public Map<String, String> settings() {
    return settings;
  }

  @Override
  public void setSettings(Map<String, String> values) {
    settings = Map.copyOf(values);
  }

  @Override
  public boolean isDurable() {
    return false;
  }

  /** Found where a gallery is opened by its folder. */
  public static final class Provider implements StorageProvider {
    @Override
    public GalleryStorage open(Path folder, StorageSettings how) {
      if (how.key().isPresent()) {
        throw new FaceSearchException(
            "this storage has no files to encrypt; open it without a key");
      }
      return new MemoryStorage();
    }
  }
}
