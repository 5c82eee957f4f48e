package io.facesearch.facade;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import io.facesearch.IndexingReport;
import io.facesearch.Photo;
import io.facesearch.PhotoPeople;
import io.facesearch.PhotoSource;
import io.facesearch.index.FlatIndex;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faces that get the names that their photos give them; with the real models. */
class NamesFromPhotosTest {
  private static RealParts parts;
  @TempDir private Path folder;
  private final FlatIndex index = new FlatIndex();

  @BeforeAll
  static void open() {
    parts = new RealParts();
  }

  @AfterAll
  static void close() throws Exception {
    parts.close();
  }

  /** Two people side by side, the left of whom is sample person 1, as a JPEG with regions. */
  private Path group(String name, String... regions) throws Exception {
    Path png = folder.resolve("group.png");
    RealParts.group(png, RealParts.sample(1, 3), 1.0, RealParts.sample(2, 3), 1.0);
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(ImageIO.read(png.toFile()), "jpeg", jpeg);
    Path file = folder.resolve("photos").resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, regions.length == 0 ? jpeg.toByteArray() : named(jpeg, regions));
  }

  /** Each region is a name and the x of its center. */
  private static byte[] named(ByteArrayOutputStream jpeg, String... regions) {
    StringBuilder list = new StringBuilder();
    for (int i = 0; i < regions.length; i += 2) {
      list.append("<rdf:li><rdf:Description mwg-rs:Name='")
          .append(regions[i])
          .append("' mwg-rs:Type='Face'><mwg-rs:Area stArea:x='")
          .append(regions[i + 1])
          .append("' stArea:y='0.5' stArea:w='0.3' stArea:h='0.6'/></rdf:Description></rdf:li>");
    }
    String xmp =
        "http://ns.adobe.com/xap/1.0/\0<rdf:RDF"
            + " xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
            + " xmlns:mwg-rs='http://www.metadataworkinggroup.com/schemas/regions/'"
            + " xmlns:stArea='http://ns.adobe.com/xmp/sType/Area#'><rdf:Description>"
            + "<mwg-rs:Regions rdf:parseType='Resource'><mwg-rs:RegionList><rdf:Bag>"
            + list
            + "</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF>";
    byte[] packet = xmp.getBytes(StandardCharsets.UTF_8);
    byte[] bytes = jpeg.toByteArray();
    int length = packet.length + 2;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, 2);
    out.writeBytes(new byte[] {(byte) 0xff, (byte) 0xe1, (byte) (length >> 8), (byte) length});
    out.writeBytes(packet);
    out.write(bytes, 2, bytes.length - 2);
    return out.toByteArray();
  }

  private IndexingReport index(boolean names) throws Exception {
    return parts
        .on(index)
        .namesFromPhotos(names)
        .open()
        .addAll(PhotoSource.folder(folder.resolve("photos")));
  }

  /** From left to right. */
  private List<String> names(String photo) {
    Map<Double, String> byPlace = new TreeMap<>();
    for (EmbeddedFace face : index.faces()) {
      FaceRecord record = face.face();
      if (record.source().orElseThrow().equals("photos/" + photo)) {
        byPlace.put(record.box().orElseThrow().centerX(), record.person().orElse("-"));
      }
    }
    return List.copyOf(byPlace.values());
  }

  @Test
  void severalFacesEachGetTheirs() throws Exception {
    group("group.jpg", "Bea", "0.75", "Ann", "0.25");
    assertThat(index(false).namedByPhotos()).isZero();
    assertThat(names("group.jpg")).containsExactly("-", "-");
    // Also of a photo that the gallery has already, as long as none of its faces has a name.
    IndexingReport report = index(true);
    assertThat(names("group.jpg")).containsExactly("Ann", "Bea");
    assertThat(report.namedByPhotos()).isEqualTo(2);
    assertThat(report.ignoredNames()).isEmpty();
    assertThat(index(true).alreadyIndexed()).isEqualTo(1);
    assertThat(names("group.jpg")).containsExactly("Ann", "Bea");
  }

  @Test
  void thePhotoKnowsBetterThanItsFolder() throws Exception {
    group("Ann/group.jpg", "Bea", "0.25");
    group("Bea/group.jpg", "Bea", "0.75");
    group("Cid/group.jpg");
    index(true);
    assertThat(names("Ann/group.jpg")).as("nothing says who is Ann").containsExactly("Bea", "-");
    assertThat(names("Bea/group.jpg")).containsExactly("-", "Bea");
    assertThat(names("Cid/group.jpg")).containsExactly("-", "-");
  }

  @Test
  void othersWithANameStayWhereBystandersAreLeftOut() throws Exception {
    group("Ann/group.jpg", "Bea", "0.75", "Ann", "0.25");
    parts
        .on(index)
        .namesFromPhotos(true)
        .bystanders(false)
        .open()
        .addAll(PhotoSource.folder(folder.resolve("photos")));
    assertThat(names("Ann/group.jpg")).containsExactly("Ann", "Bea");
  }

  @Test
  void whatIsWrongWithThemIsToldAndThePhotoTaken() throws Exception {
    group("twice.jpg", "Ann", "0.25", "Ann", "0.75");
    group("line.jpg", "A&#10;nn", "0.25", "Bea", "0.75");
    Path broken = group("broken.jpg", "Ann", "0.25");
    byte[] bytes = Files.readAllBytes(broken);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    bytes[text.indexOf("</rdf:Bag>") + 1] = 'x';
    Files.write(broken, bytes);
    IndexingReport report = index(true);
    assertThat(report.broken()).isEmpty();
    assertThat(report.faces()).isEqualTo(6);
    assertThat(report.ignoredNames()).hasSize(3);
    assertThat(report.ignoredNames()).allSatisfy(o -> assertThat(o.reason()).startsWith("its XMP"));
    assertThat(names("line.jpg")).containsExactly("-", "Bea");
    assertThat(names("twice.jpg")).containsExactly("-", "-");
    assertThat(names("broken.jpg")).containsExactly("-", "-");
  }

  @Test
  void singlePhotosAndStreams() throws Exception {
    byte[] bytes = Files.readAllBytes(group("group.jpg", "Bea", "0.75"));
    Gallery gallery = parts.on(index).namesFromPhotos(true).open();
    assertThat(gallery.add(Photo.of("photos/one", bytes).person("Ann"))).hasSize(2);
    assertThat(names("one")).as("of the same size").containsExactly("-", "Bea");
    IndexingReport report =
        gallery.addAll(PhotoSource.of(Stream.of(Photo.of("photos/two", bytes))));
    assertThat(names("two")).containsExactly("-", "Bea");
    assertThat(report.namedByPhotos()).isEqualTo(1);
  }

  @Test
  void namesThatWereGivenHereStay() throws Exception {
    Path photo = group("group.jpg", "Bea", "0.75", "Ann", "0.25");
    index(false);
    Gallery gallery = parts.on(index).namesFromPhotos(true).open();
    gallery.name(List.of(index.faces().get(0).face().id()), "Cid");
    Files.setLastModifiedTime(photo, FileTime.fromMillis(1_000_000));
    index(true);
    assertThat(names("group.jpg")).contains("Cid", "-");
  }

  @Test
  void aSidecarSaysWhatTheGalleryKnows() throws Exception {
    Path photo = group("group.jpg", "Bea", "0.75", "Ann", "0.25");
    byte[] before = Files.readAllBytes(photo);
    index(true);
    List<FaceRecord> faces = index.faces().stream().map(EmbeddedFace::face).toList();
    byte[] xmp = PhotoPeople.sidecar(before, "photo", faces).orElseThrow();
    assertThat(new String(xmp, StandardCharsets.UTF_8))
        .contains("mwg-rs:Name=\"Ann\"", "mwg-rs:Name=\"Bea\"");
    assertThat(Files.readAllBytes(photo)).isEqualTo(before);
  }
}
