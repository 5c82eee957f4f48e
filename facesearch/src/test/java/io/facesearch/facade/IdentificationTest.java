package io.facesearch.facade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.Decision;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import io.facesearch.Identification;
import io.facesearch.IdentifiedFace;
import io.facesearch.PersonMatch;
import io.facesearch.PhotoMatches;
import io.facesearch.PhotoSource;
import io.facesearch.Search;
import io.facesearch.index.FlatIndex;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is it? With the real pipeline, and with vectors that are made for a case. */
class IdentificationTest {
  private static final Path SAMPLES =
      Path.of("../facesearch-cli/src/main/resources/io/facesearch/cli/samples").toAbsolutePath();

  private static FaceAnalyzer analyzer;
  private Gallery faces;

  @BeforeAll
  static void openAnalyzer() {
    analyzer = FaceAnalyzer.open();
  }

  @AfterAll
  static void closeAnalyzer() {
    analyzer.close();
  }

  @BeforeEach
  void open() throws Exception {
    faces = Gallery.builder().analyzer(analyzer).index(new FlatIndex()).open();
  }

  @AfterEach
  void close() {
    faces.close();
  }

  /** A unit vector at an angle from the first axis towards another. */
  private Embedding at(double distance, int axis) {
    double cos = 1 - distance * distance / 2;
    float[] vector = new float[128];
    vector[0] = (float) cos;
    vector[axis] = (float) Math.sqrt(1 - cos * cos);
    return Embedding.of(faces.analyzer().model().fingerprint(), vector);
  }

  private void add(String id, Optional<String> person, Embedding vector) {
    FaceRecord record = new FaceRecord(id, person.orElse(null), null, null);
    faces.addFaces(List.of(new EmbeddedFace(record, vector)));
  }

  /** People in directions that are far from the first axis. */
  private void addOthers(int people) {
    Random random = new Random(7);
    List<EmbeddedFace> others = new ArrayList<>();
    for (int p = 0; p < people; p++) {
      float[] vector = new float[128];
      for (int i = 1; i < vector.length; i++) {
        vector[i] = (float) random.nextGaussian();
      }
      others.add(
          new EmbeddedFace(
              FaceRecord.of("other" + p, "other " + p),
              Embedding.of(faces.analyzer().model().fingerprint(), vector)));
    }
    faces.addFaces(others);
  }

  private Embedding probe() {
    return at(0, 1);
  }

  @Test
  void everyQueryIsItsPersonAndNobodyElseIs() throws Exception {
    faces.addAll(PhotoSource.folder(SAMPLES.resolve("gallery")));
    assertThat(faces.threshold().gallerySize()).isEqualTo(32);
    int named = 0;
    for (int p = 1; p <= 32; p++) {
      String name = String.format(Locale.ROOT, "person_%02d", p);
      FaceImage photo = FaceImage.read(SAMPLES.resolve("queries/" + name + ".jpg"));
      List<IdentifiedFace> who = faces.identify(photo);
      assertThat(who).hasSize(1);
      assertThat(who.get(0).person()).contains(name);
      PhotoMatches.Found found = (PhotoMatches.Found) faces.search(photo, Search.nearest(20));
      found
          .result()
          .forEach(
              match ->
                  assertThat(found.who().decision(match) == Decision.SAME)
                      .isEqualTo(match.face().person().equals(Optional.of(name))));
      List<EmbeddedFace> own = faces.storage().faces(name);
      faces.forget(name);
      Optional<String> other = faces.identify(photo).get(0).person();
      assertThat(other).isNotEqualTo(Optional.of(name));
      named += other.isPresent() ? 1 : 0;
      faces.addFaces(own);
    }
    // One of a hundred strangers is wanted; these faces are made, and few.
    assertThat(named).isLessThanOrEqualTo(2);
  }

  /** The matches and the people of a photo come from one search. */
  @Test
  void aPhotoIsSearchedOnce() throws Exception {
    AtomicInteger searches = new AtomicInteger();
    FaceIndex flat = new FlatIndex();
    FaceIndex counting =
        (FaceIndex)
            Proxy.newProxyInstance(
                FaceIndex.class.getClassLoader(),
                new Class<?>[] {FaceIndex.class},
                (self, method, arguments) -> {
                  searches.addAndGet(method.getName().equals("search") ? 1 : 0);
                  return method.invoke(flat, arguments);
                });
    try (Gallery once = Gallery.builder().analyzer(analyzer).index(counting).open()) {
      once.addAll(PhotoSource.folder(SAMPLES.resolve("gallery")));
      FaceImage photo = FaceImage.read(SAMPLES.resolve("queries/person_05.jpg"));
      for (int k : new int[] {1, 3, 500}) {
        searches.set(0);
        PhotoMatches.Found found = (PhotoMatches.Found) once.search(photo, Search.nearest(k));
        assertThat(searches).hasValue(1);
        assertThat(found.result().matches()).hasSize(Math.min(k, flat.size()));
        assertThat(found.who().person()).contains("person_05");
      }
      assertThatThrownBy(() -> once.search(photo, Search.nearest(0)))
          .hasMessageContaining("k must be at least 1");
    }
  }

  @Test
  void eachFaceOfAGroupPhotoIsIdentified() throws Exception {
    faces.addAll(PhotoSource.folder(SAMPLES.resolve("gallery")));
    BufferedImage group = new BufferedImage(3 * 256, 256, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = group.createGraphics();
    for (int i = 0; i < 3; i++) {
      Path photo = SAMPLES.resolve("queries/person_0" + (2 * i + 3) + ".jpg");
      g.drawImage(ImageIO.read(photo.toFile()), 256 * i, 0, 256, 256, null);
    }
    g.dispose();
    List<IdentifiedFace> who = faces.identify(FaceImage.of(group));
    assertThat(who.stream().map(one -> one.person().orElse("-")))
        .containsExactlyInAnyOrder("person_03", "person_05", "person_07");
    assertThat(faces.identify(FaceImage.ofRgb(64, 64, new byte[3 * 64 * 64]))).isEmpty();
  }

  /** At the threshold of two photos many strangers would get a name in a large gallery. */
  @Test
  void theSameDistanceMeansLessInALargerGallery() {
    add("a", Optional.of("Ann"), at(1.07, 1));
    assertThat(faces.identify(probe()).person()).contains("Ann");
    double small = faces.threshold().distance();
    addOthers(2000);
    Identification who = faces.identify(probe());
    assertThat(who.candidates().get(0).person()).contains("Ann");
    assertThat(who.threshold().distance()).isLessThan(small).isLessThan(1.07);
    assertThat(who.threshold().gallerySize()).isEqualTo(2001);
    assertThat(who.person()).isEmpty();
    assertThat(who.decision()).isNotEqualTo(Decision.SAME);
    assertThat(faces.pairThreshold().decide(1.07)).isEqualTo(Decision.SAME);
  }

  /** One photo of Bob is nearer than each of Ann's, but Ann's mean is nearest of all. */
  @Test
  void peopleAreJudgedByAllTheirPhotos() {
    for (int i = 1; i <= 6; i++) {
      add("a" + i, Optional.of("Ann"), at(0.9, i));
    }
    add("b", Optional.of("Bob"), at(0.8, 9));
    Identification who = faces.identify(probe());
    assertThat(who.person()).contains("Ann");
    PersonMatch first = who.candidates().get(0);
    assertThat(first.photos()).isEqualTo(6);
    assertThat(first.distance()).isLessThan(0.5);
    // At most one name, though Bob is near enough.
    PersonMatch second = who.candidates().get(1);
    assertThat(second.distance()).isLessThan(who.threshold().distance());
    assertThat(second.decision()).isEqualTo(Decision.UNSURE);
  }

  @Test
  void twoWhoAreEquallyNearAreBothUnsure() {
    add("a", Optional.of("Ann"), at(0.5, 1));
    add("b", Optional.of("Bob"), at(0.5, 1));
    Identification who = faces.identify(probe());
    assertThat(who.person()).isEmpty();
    assertThat(who.candidates()).extracting(PersonMatch::decision).containsOnly(Decision.UNSURE);
  }

  @Test
  void faceWithoutANameStandsForItself() {
    add("n1", Optional.empty(), at(0.4, 1));
    add("n2", Optional.empty(), at(0.5, 2));
    add("a", Optional.of("Ann"), at(0.6, 3));
    Identification who = faces.identify(probe());
    assertThat(who.candidates()).extracting(PersonMatch::person).startsWith(Optional.empty());
    // The faces without a name may be Ann's.
    assertThat(who.candidates()).extracting(PersonMatch::decision).containsOnly(Decision.SAME);
    assertThat(who.person()).contains("Ann");
    assertThat(who.threshold().gallerySize()).isEqualTo(3);
  }

  /** The mean of such photos has no direction, so it is like nobody's. */
  @Test
  void oppositePhotosAndZerosNameNobody() {
    float[] one = new float[128];
    one[5] = 1;
    float[] other = new float[128];
    other[5] = -1;
    String model = faces.analyzer().model().fingerprint();
    add("a1", Optional.of("Ann"), Embedding.of(model, one));
    add("a2", Optional.of("Ann"), Embedding.of(model, other));
    // As a gallery may have them that was made before they were refused.
    FaceRecord zero = new FaceRecord("z", "Zero", null, null);
    faces.storage().add(new EmbeddedFace(zero, Embedding.of(model, new float[128])));
    assertThat(faces.identify(probe()).candidates())
        .hasSize(2)
        .extracting(PersonMatch::decision)
        .doesNotContain(Decision.SAME);
    add("b", Optional.of("Bob"), at(0.1, 3));
    assertThat(faces.identify(probe()).person()).contains("Bob");
    assertThat(faces.identify(Embedding.of(model, new float[128])).person()).isEmpty();
  }

  /** Ann's many photos are all nearer than Bob's one, whose vector is the same. */
  @Test
  void manyPhotosOfOneHideNobody() {
    for (int i = 0; i < 300; i++) {
      add("a" + i, Optional.of("Ann"), at(0.5, 1));
    }
    add("b", Optional.of("Bob"), at(0.5, 1));
    addOthers(3);
    Identification who = faces.identify(probe());
    assertThat(who.person()).isEmpty();
    assertThat(who.candidates().subList(0, 2))
        .extracting(match -> match.person().orElseThrow())
        .containsExactlyInAnyOrder("Ann", "Bob");
  }

  @Test
  void nobodyIsInAnEmptyGallery() {
    Identification who = faces.identify(probe());
    assertThat(who.candidates()).isEmpty();
    assertThat(who.decision()).isEqualTo(Decision.DIFFERENT);
    assertThat(who.person()).isEmpty();
  }

  @Test
  void fewerStrangersGetANameWhereThatIsAskedFor() throws Exception {
    add("a", Optional.of("Ann"), at(1.05, 1));
    addOthers(50);
    assertThat(faces.identify(probe()).person()).contains("Ann");
    try (Gallery strict =
        Gallery.builder()
            .analyzer(analyzer)
            .storage(faces.storage())
            .falsePositiveIdentificationRate(0.0001)
            .open()) {
      assertThat(strict.identify(probe()).person()).isEmpty();
      assertThat(strict.threshold().falseAcceptRate()).isEqualTo(0.0001);
    }
  }
}
