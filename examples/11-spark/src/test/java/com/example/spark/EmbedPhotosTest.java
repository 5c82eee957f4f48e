package com.example.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.spark.EmbedPhotos.Report;
import io.facesearch.AnalyzedFace;
import io.facesearch.BoundingBox;
import io.facesearch.EmbeddedFace;
import io.facesearch.FaceImage;
import io.facesearch.Gallery;
import io.facesearch.IdentifiedFace;
import io.facesearch.IndexingReport;
import io.facesearch.PhotoRoot;
import io.facesearch.PhotoSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In this JVM, on two cores; with the real model. */
class EmbedPhotosTest {
  private static SparkSession spark;
  @TempDir private Path folder;
  private Path photos;
  private String rows;

  @BeforeAll
  static void start() {
    spark = session();
  }

  static SparkSession session() {
    return SparkSession.builder()
        .master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "3")
        .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @BeforeEach
  void name() {
    photos = folder.resolve("photos");
    rows = folder.resolve("rows").toString();
  }

  @AfterEach
  void defaults() {
    for (String name : List.of("photosPerRound", "photosPerTask", "maxBytes", "maxPixels")) {
      spark.conf().unset("spark.facesearch." + name);
    }
  }

  private Report embed(Object... roots) throws IOException {
    return new EmbedPhotos(spark).run(rows, List.of(roots).stream().map(Object::toString).toList());
  }

  private List<Row> rows() {
    return spark.read().parquet(rows).orderBy("photo", "face").collectAsList();
  }

  private List<String> names() {
    return rows().stream().map(row -> row.<String>getAs("photo")).toList();
  }

  @Test
  void theGalleryIsThatOfOneProcess() throws Exception {
    int count = Photos.write(photos, 4);
    spark.conf().set("spark.facesearch.photosPerTask", 3);
    Report report = embed(photos);
    List<EmbeddedFace> direct = Photos.indexed(PhotoSource.folder(photos));
    assertThat(report).isEqualTo(new Report(0, count, direct.size(), 1, 0));

    Path home = folder.resolve("gallery");
    try (Gallery one = Gallery.builder().analyzer(Model.get()).open();
        Gallery loaded = Gallery.builder().folder(home).analyzer(Model.get()).open()) {
      one.addAll(PhotoSource.folder(photos));
      assertThat(LoadGallery.load(spark, rows, loaded)).isEqualTo(direct.size());
      // Ids, names, boxes, tags, stamps of the files, and vectors to the last bit.
      assertThat(loaded.faces()).containsExactlyInAnyOrderElementsOf(direct);
      assertThat(loaded.faces()).anyMatch(face -> face.face().person().isEmpty());
      assertThat(LoadGallery.load(spark, rows, loaded)).isZero();
      for (int person = 1; person <= 6; person++) {
        FaceImage query =
            FaceImage.read(Photos.SAMPLES.resolve("queries/person_0" + person + ".jpg"));
        assertThat(loaded.identify(query).stream().map(IdentifiedFace::toString))
            .containsExactlyElementsOf(
                one.identify(query).stream().map(IdentifiedFace::toString).toList());
      }
      // It is up to date: no photo is embedded again.
      IndexingReport update = loaded.addAll(PhotoSource.folder(photos));
      assertThat(update.faces()).isZero();
      assertThat(update.alreadyIndexed()).isEqualTo(count - 1);
    }
  }

  @Test
  void theRowsAreWhatTheAnalyzerTells() throws Exception {
    Photos.write(photos, 1);
    embed(photos);
    Map<String, Row> byId = new TreeMap<>();
    rows().forEach(row -> byId.put(row.getAs("photo") + "#" + row.getAs("face"), row));
    int faces = 0;
    for (Path file : Photos.files(photos)) {
      String name = PhotoRoot.of(photos).sourceOf(file);
      List<AnalyzedFace> analyzed = Model.get().analyze(FaceImage.read(file));
      for (int i = 0; i < analyzed.size(); i++, faces++) {
        AnalyzedFace face = analyzed.get(i);
        Row row = byId.get(name + "#" + i);
        Row box = row.getAs("box");
        assertThat(
                new BoundingBox(
                    box.getDouble(0), box.getDouble(1), box.getDouble(2), box.getDouble(3)))
            .isEqualTo(face.box());
        assertThat(row.<Double>getAs("score")).isEqualTo(face.face().score());
        assertThat(row.<Double>getAs("quality")).isEqualTo(face.quality().score());
        List<Float> landmarks = row.getList(row.fieldIndex("landmarks"));
        for (int p = 0; p < face.face().landmarks().count(); p++) {
          assertThat(landmarks.get(2 * p)).isEqualTo(face.face().landmarks().x(p));
          assertThat(landmarks.get(2 * p + 1)).isEqualTo(face.face().landmarks().y(p));
        }
        assertThat(FaceRows.face(row).embedding()).isEqualTo(face.embedding());
      }
    }
    assertThat(faces).isEqualTo(12);
    assertThat(byId.get("photos/no-face.png#null").<String>getAs("id")).isNull();
    assertThat(byId).hasSize(faces + 1);
  }

  @Test
  void aZipIsReadWhereItLies() throws Exception {
    Photos.write(photos, 1);
    Path zip = folder.resolve("photos.zip");
    Photos.zip(photos, zip);
    embed(zip);
    try (FileSystem files = FileSystems.newFileSystem(zip)) {
      PhotoRoot root = PhotoRoot.of("photos", files.getPath("/"));
      List<EmbeddedFace> direct = Photos.indexed(PhotoSource.folder(root));
      try (Gallery loaded = Gallery.builder().analyzer(Model.get()).open()) {
        LoadGallery.load(spark, rows, loaded);
        assertThat(loaded.faces()).containsExactlyInAnyOrderElementsOf(direct);
      }
    }
  }

  /** Listed and read by Hadoop alone. */
  @Test
  void otherStoragesGiveTheSame() throws Exception {
    Photos.write(photos, 1);
    Path zip = folder.resolve("more.zip");
    Photos.zip(photos, zip);
    Files.writeString(Files.createDirectories(photos.resolve(".hidden")).resolve("x.jpg"), "x");
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    hadoop.set("fs.other.impl", OtherStorage.class.getName());
    Report report = embed("other://" + photos, "other://" + folder + "/m*.zip");
    List<EmbeddedFace> direct = Photos.indexed(PhotoSource.folder(photos));
    assertThat(report.broken()).isZero();
    assertThat(report.faces()).isEqualTo(2 * direct.size());
    try (Gallery loaded = Gallery.builder().analyzer(Model.get()).open()) {
      LoadGallery.load(spark, rows, loaded);
      assertThat(loaded.faces())
          .filteredOn(face -> face.face().id().startsWith("photos/"))
          .containsExactlyInAnyOrderElementsOf(direct);
    }
  }

  @Test
  void namesAreThoseOfPhotoRoot() {
    PhotoRoot root = PhotoRoot.of("r", Path.of("/r"));
    for (String name : List.of("a/b.jpg", "Zoe\u0308/1%41%.jpg", "a\nb", "100%", "a\\b", "x y#?")) {
      assertThat(PhotoListing.name("r", name)).isEqualTo(root.sourceOf(Path.of("/r/" + name)));
    }
  }

  @Test
  void brokenPhotosAreRowsWithTheirReason() throws Exception {
    Path good = photos.resolve("good.jpg");
    Photos.copy(Photos.sample(1, 1), good);
    byte[] jpeg = Files.readAllBytes(good);
    Files.write(photos.resolve("cut.jpg"), Arrays.copyOf(jpeg, jpeg.length / 3));
    Files.writeString(photos.resolve("text.jpg"), "no photo");
    Files.write(photos.resolve("empty.png"), new byte[0]);
    Files.write(photos.resolve("many-bytes.jpg"), new byte[200_001]);
    Path bomb = photos.resolve("many-pixels.png");
    Files.write(bomb, png(30_000, 30_000));
    Path inner = folder.resolve("inner");
    Files.createDirectories(inner);
    Files.write(inner.resolve("bomb.jpg"), new byte[100 << 20]);
    Path zip = folder.resolve("bombs.zip");
    Photos.zip(inner, zip);
    Path noZip = folder.resolve("no.zip");
    Files.write(noZip, jpeg);

    spark.conf().set("spark.facesearch.maxBytes", 200_000);
    Report report = embed(photos, zip, noZip);
    assertThat(report).isEqualTo(new Report(0, 8, 1, 0, 7));
    Map<String, String> reasons = new TreeMap<>();
    for (Row row : rows()) {
      if (row.getAs("id") == null) {
        reasons.put(row.getAs("photo"), row.getAs("reason"));
        assertThat(row.<Boolean>getAs("again")).isFalse();
      }
    }
    assertThat(reasons.keySet())
        .containsExactly(
            "bombs/bomb.jpg",
            "no.zip",
            "photos/cut.jpg",
            "photos/empty.png",
            "photos/many-bytes.jpg",
            "photos/many-pixels.png",
            "photos/text.jpg");
    reasons.forEach(
        (photo, reason) -> assertThat(reason).startsWith(photo).doesNotContain(folder.toString()));
    assertThat(reasons.get("photos/many-pixels.png")).contains("30000");
    assertThat(reasons.get("photos/many-bytes.jpg")).contains("200001 bytes, above 200000");
    // They are known: nothing is done again.
    assertThat(embed(photos, zip, noZip)).isEqualTo(new Report(8, 0, 0, 0, 0));
  }

  /** A PNG that says how large it is, and has no pixels. */
  private static byte[] png(int width, int height) {
    ByteBuffer header = ByteBuffer.allocate(13);
    header.putInt(width).putInt(height).put(new byte[] {8, 2, 0, 0, 0});
    ByteBuffer file = ByteBuffer.allocate(57 + 1_000).putLong(0x89504E470D0A1A0AL);
    chunk(file, "IHDR", header.array());
    chunk(file, "IDAT", new byte[1_000]);
    chunk(file, "IEND", new byte[0]);
    return file.array();
  }

  private static void chunk(ByteBuffer file, String type, byte[] data) {
    CRC32 crc = new CRC32();
    crc.update(type.getBytes(StandardCharsets.US_ASCII));
    crc.update(data);
    file.putInt(data.length).put(type.getBytes(StandardCharsets.US_ASCII)).put(data);
    file.putInt((int) crc.getValue());
  }

  @Test
  void aRunGoesOnWhereOneWasStopped() throws Exception {
    int first = Photos.write(photos, 2);
    spark.conf().set("spark.facesearch.photosPerRound", 4);
    embed(photos);
    // A task that had finished, and that nobody counts: its job was killed.
    Path part =
        Photos.files(Path.of(rows)).stream()
            .filter(file -> file.toString().endsWith(".parquet"))
            .findFirst()
            .orElseThrow();
    Path left = Path.of(rows, "_temporary/0/task_202612010000000000000000_0000_m_000000");
    Photos.copy(part, left.resolve("part-00000-left.snappy.parquet"));
    List<String> before = names();
    Photos.copy(Photos.sample(3, 1), photos.resolve("new.jpg"));
    assertThat(embed(photos)).isEqualTo(new Report(first, 1, 1, 0, 0));
    assertThat(names()).hasSize(before.size() + 1).contains("photos/new.jpg");
    Set<Object> ids = new HashSet<>();
    rows()
        .forEach(row -> assertThat(ids.add(row.getAs("photo") + "#" + row.getAs("face"))).isTrue());
  }

  /** Such as one that the storage does not give just now. */
  @Test
  void whatCouldNotBeReadIsTriedAgain() throws Exception {
    Photos.copy(Photos.sample(1, 1), photos.resolve("late.jpg"));
    Row row = FaceRows.broken(ref("photos/late.jpg"), fingerprint(), "not there", true);
    spark
        .createDataFrame(List.of(row), FaceRows.SCHEMA)
        .write()
        .mode(SaveMode.Append)
        .parquet(rows);
    assertThat(embed(photos)).isEqualTo(new Report(0, 1, 1, 0, 0));
    assertThat(embed(photos)).isEqualTo(new Report(1, 0, 0, 0, 0));
  }

  @Test
  void anotherModelsRowsAreRefused() throws Exception {
    Photos.copy(Photos.sample(1, 1), photos.resolve("one.jpg"));
    Row row = FaceRows.withoutFace(ref("photos/other.jpg"), "another", null, null);
    spark.createDataFrame(List.of(row), FaceRows.SCHEMA).write().parquet(rows);
    assertThatThrownBy(() -> embed(photos))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("another model");
    assertThat(names()).containsExactly("photos/other.jpg");
  }

  @Test
  void aFolderThatIsNotThereIsAnError() {
    assertThatThrownBy(() -> embed(folder.resolve("none")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not there");
  }

  private static PhotoRef ref(String photo) {
    return new PhotoRef(photo, null, "file:/x", null, 1, 0, null);
  }

  private static String fingerprint() {
    return Model.get().model().fingerprint();
  }
}
