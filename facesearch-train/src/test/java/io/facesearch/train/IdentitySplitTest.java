package io.facesearch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.testing.DoubleRange;
import io.facesearch.testing.ForAll;
import io.facesearch.testing.Property;
import io.facesearch.train.FaceDataset.LeftOut;
import io.facesearch.train.FaceDataset.Photo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentitySplitTest {
  private static FaceDataset dataset(List<Integer> photosOf) {
    List<Photo> photos = new ArrayList<>();
    for (int p = 0; p < photosOf.size(); p++) {
      for (int i = 0; i < photosOf.get(p); i++) {
        photos.add(new Photo(Path.of(p + "_" + i + ".jpg"), "p" + p, 0, null));
      }
    }
    return new FaceDataset("test", photos, List.of(), List.of());
  }

  static List<Integer> photosOfPeople(Random random) {
    return random.ints(10 + random.nextInt(51), 1, 7).boxed().toList();
  }

  @Property(tries = 200)
  void noIdentityIsInBothPartsAndNoPhotoIsLost(
      @ForAll("photosOfPeople") List<Integer> photosOf,
      @ForAll @DoubleRange(min = 0.2, max = 0.8) double share,
      @ForAll long seed) {
    FaceDataset all = dataset(photosOf);
    IdentitySplit split = IdentitySplit.of(all, share, seed);
    Set<String> train = split.train().byIdentity().keySet();
    Set<String> test = split.test().byIdentity().keySet();
    assertThat(train).doesNotContainAnyElementsOf(test);
    assertThat(train).hasSize((int) Math.round(share * photosOf.size()));
    Set<Photo> both = new HashSet<>(split.train().photos());
    both.addAll(split.test().photos());
    assertThat(both).containsExactlyInAnyOrderElementsOf(all.photos());
    assertThat(IdentitySplit.of(all, share, seed).test().photos()).isEqualTo(split.test().photos());

    IdentitySplit.Retrieval parts = split.queryAndGallery(seed);
    assertThat(parts.queries()).extracting(Photo::identity).doesNotHaveDuplicates();
    assertThat(parts.queries())
        .hasSize(
            (int) split.test().byIdentity().values().stream().filter(p -> p.size() > 1).count());
    assertThat(parts.gallery()).noneMatch(parts.queries()::contains);
    assertThat(parts.gallery().size() + parts.queries().size())
        .isEqualTo(split.test().photos().size());
  }

  @Test
  void senselessSharesAreRefused() {
    FaceDataset two = dataset(List.of(2, 2));
    assertThatThrownBy(() -> IdentitySplit.of(two, 1, 1)).hasMessageContaining("trainShare");
    assertThatThrownBy(() -> IdentitySplit.of(two, 0.1, 1)).hasMessageContaining("be empty");
    assertThatThrownBy(() -> new IdentitySplit(two, two)).hasMessageContaining("[p0, p1]");
  }

  @Test
  void foldersAndLfwAreRead(@TempDir Path folder) throws Exception {
    for (String file :
        new String[] {
          "Ann/Ann_0001.jpg", "Ann/Bob_0002.jpg", "Ann/notes.txt", "Bob/Bob_0001.jpg"
        }) {
      Files.createDirectories(folder.resolve(file).getParent());
      Files.createFile(folder.resolve(file));
    }
    Files.createFile(folder.resolve("nobody.png"));
    FaceDataset any = FaceDataset.ofFolder(folder);
    assertThat(any.byIdentity()).containsOnlyKeys("Ann", "Bob");
    assertThat(any.photos()).hasSize(3);
    assertThat(any.leftOut()).extracting(LeftOut::count).containsExactly(1, 1);
    FaceDataset lfw = FaceDataset.ofLfw(folder);
    assertThat(lfw.photos()).hasSize(2);
    assertThat(lfw.leftOut()).extracting(LeftOut::reason).contains("not named after its folder");
    FaceDataset two = any.withIdentitiesOf(2);
    assertThat(two.byIdentity()).containsOnlyKeys("Ann");
    assertThatThrownBy(() -> FaceDataset.ofFolder(folder.resolve("Ann")))
        .isInstanceOf(DatasetFormatException.class)
        .hasMessageContaining("identity/photo.jpg");
  }

  /** What indexing a folder passes over is nobody's photo here either. */
  @Test
  void filesOfOtherSoftwareAreNoPeople(@TempDir Path folder) throws Exception {
    for (String file :
        new String[] {
          "Ann/1.jpg",
          "Ann/._1.jpg",
          "Ann/Thumbs.db",
          "@eaDir/1.jpg",
          "#recycle/1.jpg",
          "__MACOSX/1.jpg",
          ".hidden/1.jpg",
          "lost+found/1.jpg"
        }) {
      Files.createDirectories(folder.resolve(file).getParent());
      Files.createFile(folder.resolve(file));
    }
    FaceDataset any = FaceDataset.ofFolder(folder);
    assertThat(any.byIdentity()).containsOnlyKeys("Ann");
    assertThat(any.photos()).hasSize(1);
    assertThat(any.leftOut())
        .extracting(LeftOut::reason, LeftOut::count)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("hidden, or of other software", 7));
    assertThat(FaceDataset.isImage(folder.resolve("._000001.jpg"))).as("CelebA's too").isFalse();
  }
}
