package io.facesearch.cli;

import static io.facesearch.cli.Run.run;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.facesearch.PhotoPeople;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names that photos carry: taken by index and add, written by export. */
class NamesFromPhotosCommandTest {
  private static final Path SAMPLES =
      Path.of("src/main/resources/io/facesearch/cli/samples/gallery").toAbsolutePath();

  @TempDir private Path folder;

  private static byte[] sample(int person) throws Exception {
    return Files.readAllBytes(SAMPLES.resolve("person_%02d/photo_1.jpg".formatted(person)));
  }

  /** A JPEG with XMP data. */
  static byte[] with(byte[] jpeg, String xmp) {
    byte[] packet = ("http://ns.adobe.com/xap/1.0/\0" + xmp).getBytes(StandardCharsets.UTF_8);
    int length = packet.length + 2;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    out.writeBytes(new byte[] {(byte) 0xff, (byte) 0xe1, (byte) (length >> 8), (byte) length});
    out.writeBytes(packet);
    out.write(jpeg, 2, jpeg.length - 2);
    return out.toByteArray();
  }

  private Run ok(Object... args) {
    Run run = run(args);
    assertThat(run.status()).as(run.text()).isZero();
    return run;
  }

  private List<String> people(Path store) {
    return JsonLines.of(ok("people", "list", "--gallery", store, "--json").out(), "person").stream()
        .map(person -> person.get("name").getAsString())
        .toList();
  }

  /** What one gallery exports another takes from the photos; the photos are never changed. */
  @Test
  void namesGoFromOneGalleryToAnother() throws Exception {
    Path photos = Files.createDirectories(folder.resolve("photos/2024"));
    Files.write(photos.resolve("one.jpg"), sample(1));
    Files.write(photos.resolve("one.jpeg"), sample(2));
    Files.write(photos.resolve("gone.jpg"), sample(3));
    Path store = folder.resolve("faces");
    // Names of folders are taken as people: all three are 2024.
    ok("index", "--photos", photos.getParent(), "--gallery", store);
    ok("people", "rename", "2024", "Zoë & <Max>", "--gallery", store);
    Files.delete(photos.resolve("gone.jpg"));
    Path names = folder.resolve("names");
    Run exported = ok("export", names, "--xmp", "--gallery", store, "--json", "-q");
    JsonObject json = JsonLines.of(exported.text()).get(0);
    assertThat(json.get("type").getAsString()).isEqualTo("sidecars");
    assertThat(json.get("photos").getAsInt()).isEqualTo(2);
    assertThat(json.get("left").getAsInt()).isEqualTo(1);
    GalleryCommandsTest.assertOwnersAlone(names);
    try (Stream<Path> files = Files.walk(names)) {
      assertThat(files.filter(Files::isRegularFile).map(file -> names.relativize(file).toString()))
          .containsExactlyInAnyOrder("2024/one.xmp", "2024/one.jpg.xmp");
    }
    assertThat(Files.readAllBytes(photos.resolve("one.jpg"))).isEqualTo(sample(1));
    Run again = run("export", names, "--xmp", "--gallery", store);
    assertThat(again.status()).isEqualTo(1);
    assertThat(again.text()).contains("--overwrite");
    ok("export", names, "--xmp", "--gallery", store, "--overwrite");
    // Neither a link nor a linked folder leads out of it.
    Path victim = Files.writeString(folder.resolve("victim"), "mine");
    Path outside = Files.createDirectories(folder.resolve("outside"));
    Path linked = folder.resolve("linked");
    Files.createDirectories(linked.resolve("2024"));
    Files.createSymbolicLink(linked.resolve("2024/one.xmp"), victim);
    Path linkedFolder = Files.createDirectories(folder.resolve("linked-folder"));
    Files.createSymbolicLink(linkedFolder.resolve("2024"), outside);
    for (Path out : List.of(linked, linkedFolder)) {
      Run refused = run("export", out, "--xmp", "--gallery", store, "--overwrite");
      assertThat(refused.status()).isEqualTo(1);
      assertThat(refused.text()).contains("link").doesNotContain("\tat ");
    }
    assertThat(victim).hasContent("mine");
    assertThat(outside).isEmptyDirectory();
    assertThat(run("export", names, "--xmp", "--person", "Nobody", "--gallery", store).status())
        .isEqualTo(3);
    assertThat(run("export", "-", "--xmp", "--gallery", store).status()).isEqualTo(2);

    // As if another program had written it into the photo.
    String xmp = Files.readString(names.resolve("2024/one.jpg.xmp"));
    assertThat(xmp).contains("Zoë &amp; &lt;Max&gt;");
    Path named = Files.createDirectories(folder.resolve("named"));
    Files.write(named.resolve("a.jpg"), with(sample(1), xmp));
    Files.write(
        named.resolve("broken.jpg"), with(sample(2), xmp.replace("</rdf:Bag>", "<rdf:Bag>")));
    Path other = folder.resolve("other");
    ok("index", "--photos", named, "--gallery", other);
    assertThat(people(other)).as("only if it is wanted").isEmpty();
    Run taken = ok("index", "--photos", named, "--gallery", other, "--names-from-photos", "--json");
    assertThat(people(other)).containsExactly("Zoë & <Max>");
    JsonObject report = JsonLines.of(taken.out(), "indexed").get(0);
    assertThat(report.get("namedByPhotos").getAsInt()).isEqualTo(1);
    Path third = folder.resolve("third");
    Run text = ok("index", "--photos", named, "--gallery", third, "--names-from-photos");
    assertThat(text.text())
        .contains("1 face: named as the photo says")
        .containsPattern("names ignored: .*broken.jpg: its XMP data is not valid XML");
  }

  @Test
  void singlePhotos() throws Exception {
    Path photo = folder.resolve("a.jpg");
    Files.write(photo, sample(1));
    Path first = folder.resolve("first");
    ok("add", photo, "--person", " Ann ", "--gallery", first);
    assertThat(people(first)).as("without blanks").containsExactly("Ann");
    Path names = folder.resolve("names");
    Run left = ok("export", names, "--xmp", "--gallery", first);
    assertThat(left.text()).contains("1 photos were left out");
    Path second = folder.resolve("second");
    byte[] named = with(sample(1), region("Bea", "0.5"));
    ok("add", Files.write(photo, named), "--names-from-photos", "--gallery", second);
    assertThat(people(second)).containsExactly("Bea");
    Files.write(photo, with(sample(2), region("Cid", "7")));
    Run wrong = ok("add", photo, "--names-from-photos", "--gallery", second);
    assertThat(wrong.text()).contains("names were ignored: its XMP data name a face in no place");
    assertThat(PhotoPeople.of(photo).fault()).isPresent();
  }

  /** Photos tell their day as cameras write it. */
  private static byte[] taken(byte[] jpeg, String day) {
    byte[] text = (day + " 12:00:00\0").getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer exif = ByteBuffer.allocate(54 + text.length);
    exif.put((byte) 0xff).put((byte) 0xe1).putShort((short) (52 + text.length));
    exif.put("Exif\0\0MM\0*".getBytes(StandardCharsets.ISO_8859_1)).putInt(8);
    exif.putShort((short) 1).putShort((short) 0x8769).putShort((short) 4).putInt(1).putInt(26);
    exif.putInt(0);
    exif.putShort((short) 1).putShort((short) 0x9003).putShort((short) 2);
    exif.putInt(text.length).putInt(44);
    exif.putInt(0).put(text);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    out.writeBytes(exif.array());
    out.write(jpeg, 2, jpeg.length - 2);
    return out.toByteArray();
  }

  @Test
  void searchesOfDays() throws Exception {
    Path photos = Files.createDirectories(folder.resolve("photos"));
    for (int year = 2021; year <= 2023; year++) {
      Files.write(photos.resolve(year + ".jpg"), taken(sample(year - 2020), year + ":06:15"));
    }
    Path store = folder.resolve("faces");
    ok("index", "--photos", photos, "--gallery", store);
    Path query = photos.resolve("2021.jpg");
    assertThat(ok("search", query, "--gallery", store).text())
        .contains("2021.jpg", "2022.jpg", "2023.jpg");
    assertThat(ok("search", query, "--gallery", store, "--taken-from", "2022-06-15").out())
        .doesNotContain("2021.jpg")
        .contains("2022.jpg", "2023.jpg");
    assertThat(
            ok(
                    "search",
                    query,
                    "--gallery",
                    store,
                    "--taken-from",
                    "2022-01-01",
                    "--taken-to",
                    "2022-12-31")
                .out())
        .doesNotContain("2021.jpg", "2023.jpg")
        .contains("2022.jpg");
    for (String wrong : List.of("2022", "2022-02-30")) {
      assertThat(run("search", query, "--gallery", store, "--taken-to", wrong).status())
          .isEqualTo(2);
    }
    assertThat(
            run(
                    "search",
                    query,
                    "--gallery",
                    store,
                    "--taken-from",
                    "2023-01-01",
                    "--taken-to",
                    "2022-01-01")
                .status())
        .isEqualTo(2);
  }

  private static String region(String name, String x) {
    return "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
        + " xmlns:mwg-rs='http://www.metadataworkinggroup.com/schemas/regions/'"
        + " xmlns:stArea='http://ns.adobe.com/xmp/sType/Area#'><rdf:Description>"
        + "<mwg-rs:Regions rdf:parseType='Resource'><mwg-rs:RegionList><rdf:Bag>"
        + "<rdf:li><rdf:Description mwg-rs:Type='Face' mwg-rs:Name='"
        + name
        + "'><mwg-rs:Area stArea:y='0.5' stArea:w='0.6' stArea:h='0.6' stArea:x='"
        + x
        + "'/></rdf:Description></rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
        + "</rdf:Description></rdf:RDF>";
  }
}
