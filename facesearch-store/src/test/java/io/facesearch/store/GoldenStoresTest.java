package io.facesearch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.BoundingBox;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.Person;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.TagValue;
import io.facesearch.index.FlatIndex;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Stores of each version, kept to be read forever: {@code main(folder)} makes those of a new one.
 */
class GoldenStoresTest {
  private static final byte[] KEY =
      "golden key of 32 bytes, no secret".substring(0, 32).getBytes(StandardCharsets.US_ASCII);

  @TempDir private Path temp;

  private static List<EmbeddedFace> faces() {
    Random random = new Random(20261201);
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < 1100; i++) {
      float[] vector = new float[8];
      for (int j = 0; j < vector.length; j++) {
        vector[j] = random.nextInt(1000) / 64f;
      }
      FaceRecord record =
          new FaceRecord(
              "face " + i,
              i % 4 == 0 ? null : "Änn " + i % 20,
              "photos/" + i + ".jpg",
              new BoundingBox(i, 2.5, 30, 40),
              Map.of("year", TagValue.of(2000 + i % 7), "camera", TagValue.of("door")));
      faces.add(new EmbeddedFace(record, Embedding.of("model", vector)));
    }
    return faces;
  }

  private static FaceStore open(String name, Path folder) throws IOException {
    FaceStore.Builder builder = FaceStore.builder(folder);
    return name.equals("encrypted") ? builder.key(KEY).open() : builder.open();
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "encrypted"})
  void version2IsRead(String name) throws Exception {
    Path golden = Path.of(GoldenStoresTest.class.getResource("version-2/" + name).toURI());
    Path folder = Files.createDirectory(temp.resolve(name));
    try (Stream<Path> files = Files.list(golden)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName().toString()));
      }
    }
    FlatIndex flat = new FlatIndex();
    flat.addAll(faces());
    flat.remove("face 10");
    try (FaceStore store = open(name, folder)) {
      store.verify();
      assertThat(store.faces()).isEqualTo(flat.faces());
      for (EmbeddedFace face : faces().subList(0, 20)) {
        SearchResult found = store.search(face.embedding(), Search.nearest(7));
        assertThat(found.matches()).isEqualTo(flat.search(face.embedding(), 7).matches());
      }
      List<Person> people = store.people();
      // A correction: a face without a name is one of hers.
      assertThat(people)
          .anyMatch(p -> p.name().equals(Optional.of("Änn 1")) && p.faceIds().contains("face 0"));
      // It goes on as a store of today.
      store.add(new EmbeddedFace(FaceRecord.of("new"), faces().get(0).embedding()));
      store.forget("Änn 3");
    }
    try (FaceStore store = open(name, folder)) {
      store.verify();
      assertThat(store.faces().stream().map(face -> face.face().id()))
          .contains("new")
          .doesNotContain("face 3", "face 10");
    }
  }

  /** As {@code numpy.save} wrote them, with the table beside. */
  @Test
  void filesOfNumPyAreRead() throws Exception {
    for (String name : List.of("float32.npy", "float64.npy")) {
      Path file = Path.of(GoldenStoresTest.class.getResource("vectors/" + name).toURI());
      List<EmbeddedFace> read = new ArrayList<>();
      VectorFile.read(file, "model", read::add);
      assertThat(read).hasSize(3);
      for (int i = 0; i < 3; i++) {
        assertThat(read.get(i).face().person()).contains("Änn " + i);
        assertThat(read.get(i).face().tags()).containsEntry("year", TagValue.of(2020 + i));
        assertThat(read.get(i).embedding().toArray()).containsExactly(i + 0.5f, -i, 3, 0.25f);
      }
    }
  }

  public static void main(String[] args) throws Exception {
    for (String name : List.of("plain", "encrypted")) {
      try (FaceStore store = open(name, Path.of(args[0], name))) {
        store.addAll(faces());
        store.remove("face 10");
        List<Person> people = store.people();
        store.merge(with(people, "face 1"), with(people, "face 0"));
      }
    }
  }

  private static String with(List<Person> people, String face) {
    return people.stream()
        .filter(person -> person.faceIds().contains(face))
        .findFirst()
        .orElseThrow()
        .id();
  }
}
