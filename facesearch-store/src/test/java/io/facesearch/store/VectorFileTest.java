package io.facesearch.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceSearchException;
import io.facesearch.ModelMismatchException;
import io.facesearch.TagValue;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorFileTest {
  @TempDir private Path folder;

  private Path file(String name, String text) throws Exception {
    return Files.writeString(folder.resolve(name), text);
  }

  private static List<EmbeddedFace> read(Path file) throws Exception {
    List<EmbeddedFace> faces = new ArrayList<>();
    assertThat(VectorFile.read(file, "m", faces::add)).isEqualTo(faces.size());
    return faces;
  }

  /** As numpy.save writes it. */
  private static byte[] numPy(String type, String shape, byte[] body) {
    StringBuilder header =
        new StringBuilder(
            "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }");
    while ((header.length() + 11) % 64 != 0) {
      header.append(' ');
    }
    header.append('\n');
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    out.write(header.length());
    out.write(header.length() >> 8);
    out.writeBytes(header.toString().getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(body);
    return out.toByteArray();
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  @Test
  void jsonLines() throws Exception {
    List<EmbeddedFace> faces =
        read(
            file(
                "faces.jsonl",
                """
                {"id": "a", "person": "Änn", "tags": {"year": 2026, "camera": "door"}, "vector": [1, 2.5]}

                {"vector": [-3e-2, 4], "person": null, "more": {"x": []}}
                """));
    assertThat(faces).hasSize(2);
    assertThat(faces.get(0).face().id()).isEqualTo("a");
    assertThat(faces.get(0).face().person()).contains("Änn");
    assertThat(faces.get(0).face().tags())
        .containsEntry("year", TagValue.of(2026))
        .containsEntry("camera", TagValue.of("door"));
    assertThat(faces.get(0).embedding().toArray()).containsExactly(1, 2.5f);
    assertThat(faces.get(1).face().id()).isEqualTo("faces.jsonl#1");
    assertThat(faces.get(1).face().person()).isEmpty();
    assertThat(faces.get(1).embedding().model()).isEqualTo("m");
  }

  @Test
  void csv() throws Exception {
    List<EmbeddedFace> faces =
        read(
            file(
                "faces.csv",
                "id,v0,person,v1,tag:year,tag:note\n"
                    + "a,1,\"Ann, B\",2,2026,\n"
                    + ",3.5,,-4,,\"x\"\"y\"\n"));
    assertThat(faces.get(0).face().person()).contains("Ann, B");
    assertThat(faces.get(0).embedding().toArray()).containsExactly(1, 2);
    assertThat(faces.get(0).face().tags()).containsOnlyKeys("year");
    assertThat(faces.get(1).face().id()).isEqualTo("faces.csv#1");
    assertThat(faces.get(1).face().tags()).containsEntry("note", TagValue.of("x\"y"));
    assertThat(faces.get(1).embedding().toArray()).containsExactly(3.5f, -4);
  }

  @Test
  void numPyWithAndWithoutNames() throws Exception {
    Path matrix = folder.resolve("faces.npy");
    Files.write(matrix, numPy("<f4", "(2, 3)", floats(1, 2, 3, 4, 5, 6)));
    assertThat(read(matrix).get(1).embedding().toArray()).containsExactly(4, 5, 6);
    assertThat(read(matrix).get(1).face().id()).isEqualTo("faces.npy#1");
    file("faces.csv", "person,id\nAnn,a\nBob,b\n");
    assertThat(read(matrix).get(1).face().person()).contains("Bob");
    file("faces.csv", "person\nAnn\n");
    assertThatThrownBy(() -> read(matrix)).hasMessageContaining("a row for each of the 2 faces");
    file("faces.csv", "person\nAnn\nBob\nEve\n");
    assertThatThrownBy(() -> read(matrix)).hasMessageContaining("more rows");
    ByteBuffer doubles = ByteBuffer.allocate(16).order(ByteOrder.BIG_ENDIAN);
    doubles.asDoubleBuffer().put(new double[] {0.5, -2});
    Path other = Files.write(folder.resolve("other.npy"), numPy(">f8", "(1, 2)", doubles.array()));
    assertThat(read(other).get(0).embedding().toArray()).containsExactly(0.5f, -2);
  }

  /** As Excel writes it, and with columns in capitals; what only looks like a number is a text. */
  @Test
  void filesOfWindows() throws Exception {
    List<EmbeddedFace> faces =
        read(
            file(
                "faces.csv",
                "\uFEFFID, Person ,v0,v1,Tag:Zip,tag:x,tag:y\r\n17,Ann,1,2,01234,1D,0.5\r\n"));
    assertThat(faces.get(0).face().id()).isEqualTo("17");
    assertThat(faces.get(0).face().person()).contains("Ann");
    assertThat(faces.get(0).embedding().toArray()).containsExactly(1, 2);
    assertThat(faces.get(0).face().tags())
        .containsEntry("Zip", TagValue.of("01234"))
        .containsEntry("x", TagValue.of("1D"))
        .containsEntry("y", TagValue.of(0.5));
    assertThat(read(file("faces.jsonl", "\uFEFF{\"vector\": [1]}\r\n"))).hasSize(1);
    for (String name : List.of("utf16.csv", "utf16.jsonl")) {
      Path other = folder.resolve(name);
      Files.write(other, "id,a\nä,1\n".getBytes(StandardCharsets.UTF_16));
      assertThatThrownBy(() -> read(other)).hasMessageContaining("not in UTF-8");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"vector\": [1, 2]",
        "{\"vector\": [1, \"x\"]}",
        "{\"vector\": []}",
        "{\"id\": \"\", \"vector\": [1]}",
        "[1, 2]",
        "{\"vector\": [1]} {}",
        "{\"vector\": [NaN]}",
        "{\"vector\": [1e99]}",
        "{\"person\": \"Ann\"}",
        "{\"person\": \"A\\u0000\", \"vector\": [1, 2]}",
        "no json"
      })
  void aDamagedLineIsNamed(String line) throws Exception {
    Path file = file("bad.jsonl", "{\"vector\": [1, 2]}\n" + line + "\n");
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining("bad.jsonl, line 2");
  }

  @Test
  void aNumberThatIsNoneIsNamedByItsLine() throws Exception {
    for (String number : List.of("NaN", "Infinity", "1e99")) {
      Path csv = file("bad.csv", "id,v0,v1\na,1,2\nb,1," + number + "\n");
      assertThatThrownBy(() -> read(csv))
          .isInstanceOf(FaceSearchException.class)
          .hasMessageContaining("bad.csv, line 3: ");
    }
    Path matrix = folder.resolve("bad.npy");
    Path tab = file("tab.csv", "id,v0,v1\na,1,2\na\tb,1,3\n");
    assertThatThrownBy(() -> read(tab))
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContainingAll("tab.csv, line 3: the id of a face must", "character 2 of 3");
    VectorFile.write(matrix, read(file("good.csv", "id,v0,v1\na,1,2\nb,1,3\n")));
    byte[] bytes = Files.readAllBytes(matrix);
    java.nio.ByteBuffer.wrap(bytes)
        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
        .putFloat(bytes.length - 4, Float.NaN);
    Files.write(matrix, bytes);
    assertThatThrownBy(() -> read(matrix)).hasMessageContaining("bad.npy, row 1: ");
  }

  @Test
  void anIdThatIsThereTwiceIsNamedByItsLine() throws Exception {
    for (Path file :
        List.of(
            file("twice.csv", "id,v0,v1\na,1,2\nb,1,3\na,1,4\n"),
            file(
                "twice.jsonl",
                "{\"id\": \"a\", \"vector\": [1]}\n\n\n{\"id\": \"a\", \"vector\": [2]}\n"))) {
      assertThatThrownBy(() -> read(file))
          .isInstanceOf(FaceSearchException.class)
          .hasMessageContaining(file.getFileName() + ", line 4: the id \"a\" is there twice");
    }
  }

  @Test
  void tagsOfAGalleryAreTakenOverOnlyIfTheyAreSound() throws Exception {
    String line =
        """
        {"vector": [1, 2], "tags": {"facesearch.client-added": 1, "facesearch.taken": %s, "year": 1}}
        """;
    assertThat(read(file("faces.jsonl", line.formatted("20240229"))).get(0).face().tags())
        .containsOnlyKeys("facesearch.taken", "year");
    for (String wrong : List.of("20240230", "\"20240229\"", "20240229.5")) {
      assertThatThrownBy(() -> read(file("faces.jsonl", line.formatted(wrong))))
          .isInstanceOf(FaceSearchException.class)
          .hasMessageContaining("facesearch.taken must be a day");
    }
    assertThatThrownBy(
            () ->
                read(
                    file(
                        "faces.jsonl",
                        "{\"vector\": [1, 2], \"tags\": {\"facesearch.quality\": 7}}")))
        .hasMessageContaining("must be from 0 to 1");
  }

  @Test
  void aVectorOfZerosIsNoFace() throws Exception {
    Path file = file("faces.jsonl", "{\"vector\": [0, 0]}");
    assertThatThrownBy(() -> read(file)).hasMessageContaining("which no face has");
  }

  @Test
  void vectorsOfAnotherModelOrLengthAreRefused() throws Exception {
    Path other = file("other.jsonl", "{\"model\": \"n\", \"vector\": [1]}");
    assertThatThrownBy(() -> read(other)).isInstanceOf(ModelMismatchException.class);
    Path longer = file("longer.csv", "a,b\n1,2\n1,2,3\n");
    assertThatThrownBy(() -> read(longer)).isInstanceOf(FaceSearchException.class);
    Path word = file("word.csv", "a,b\n1,x\n");
    assertThatThrownBy(() -> read(word))
        .hasMessageContaining("line 2")
        .hasMessageContaining("\"x\"");
    Path text = file("faces.txt", "1 2 3");
    assertThatThrownBy(() -> read(text)).hasMessageContaining(".npy, .csv or .jsonl");
    assertThatThrownBy(() -> read(folder.getRoot())).hasMessageContaining(".npy, .csv or .jsonl");
    Path latin = Files.write(folder.resolve("latin.jsonl"), new byte[] {'{', (byte) 0xe4, '}'});
    assertThatThrownBy(() -> read(latin)).hasMessageContaining("UTF-8");
  }

  /** Whatever is wrong with a matrix is said, and nothing else happens. */
  @Test
  void damagedMatricesAreRefused() throws Exception {
    long seed = Long.getLong("facesearch.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    byte[] good = numPy("<f4", "(3, 4)", floats(new float[12]));
    Path file = folder.resolve("m.npy");
    for (int length = 0; length < good.length; length++) {
      Files.write(file, Arrays.copyOf(good, length));
      assertThatThrownBy(() -> read(file)).isInstanceOf(FaceSearchException.class);
    }
    for (int i = 0; i < 2000; i++) {
      byte[] bad = good.clone();
      bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      Files.write(file, bad);
      try {
        assertThat(read(file)).hasSizeLessThanOrEqualTo(12);
      } catch (FaceSearchException e) {
        assertThat(e).hasMessageContaining("m.npy");
      }
    }
    for (String shape :
        List.of(
            "(2, 2, 3)",
            "(99999999999999999999, 4)",
            "(2000000000, 60000)",
            "(3, 0)",
            "(12,)",
            "(3, -4)")) {
      Files.write(file, numPy("<f4", shape, floats(new float[12])));
      assertThatThrownBy(() -> read(file)).isInstanceOf(FaceSearchException.class);
    }
    Files.write(file, numPy("<i4", "(3, 4)", floats(new float[12])));
    assertThatThrownBy(() -> read(file)).hasMessageContaining("<i4");
  }
}
