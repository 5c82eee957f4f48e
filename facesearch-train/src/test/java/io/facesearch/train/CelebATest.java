package io.facesearch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.FaceDetector;
import io.facesearch.FaceImage;
import io.facesearch.Landmarks;
import io.facesearch.train.FaceDataset.LeftOut;
import io.facesearch.train.FaceDataset.Partition;
import io.facesearch.train.FaceDataset.Photo;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CelebATest {
  @TempDir private Path folder;

  private static byte[] image() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "jpeg", bytes);
    return bytes.toByteArray();
  }

  private FaceDataset read(String rows, String... images) throws Exception {
    Path photos = Files.createDirectories(folder.resolve("img_align_celeba"));
    for (String image : images) {
      Files.write(photos.resolve(image), image());
    }
    Files.writeString(folder.resolve("identity_CelebA.txt"), rows);
    return CelebA.read(folder).dataset();
  }

  private static String names(int count) {
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < count; i++) {
      names.append("A").append(i).append(' ');
    }
    return names.toString();
  }

  private static String row(String image, int count, int set) {
    StringBuilder row = new StringBuilder(image);
    for (int i = 0; i < count; i++) {
      row.append(i == set ? "  1" : " -1");
    }
    return row + "\r\n";
  }

  private void attributes(String text) throws IOException {
    Files.writeString(folder.resolve("list_attr_celeba.txt"), text);
  }

  @Test
  void aPartialDownloadWithWindowsLineEndsIsRead() throws Exception {
    attributes(
        "3\r\n"
            + names(40)
            + "\r\n"
            + row("1.jpg", 40, 3)
            + row("2.jpg", 40, 0)
            + row("3.jpg", 40, 39));
    Files.writeString(folder.resolve("list_eval_partition.txt"), "1.jpg 0\n2.jpg 1\n3.jpg 2\n");
    FaceDataset celebA = read("1.jpg 7\r\n2.jpg 8\n3.jpg 7\n\n", "1.jpg", "3.jpg", "stray.jpg");
    assertThat(celebA.photos()).extracting(Photo::identity).containsExactly("7", "7");
    assertThat(celebA.photos()).extracting(Photo::attributes).containsExactly(1L << 3, 1L << 39);
    assertThat(celebA.photos())
        .extracting(Photo::partition)
        .containsExactly(Optional.of(Partition.TRAIN), Optional.of(Partition.TEST));
    assertThat(celebA.attributeNames()).hasSize(40).startsWith("A0", "A1");
    assertThat(celebA.leftOut())
        .extracting(LeftOut::reason, LeftOut::count, l -> l.examples().get(0))
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("rows without an image", 1, "2.jpg"),
            org.assertj.core.groups.Tuple.tuple(
                "images without a row in identity_CelebA.txt", 1, "stray.jpg"));
    assertThat(celebA.withIdentitiesOf(3).photos()).isEmpty();
  }

  @Test
  void theZipFileIsReadInPlace() throws Exception {
    try (ZipOutputStream zip =
        new ZipOutputStream(Files.newOutputStream(folder.resolve("img_align_celeba.zip")))) {
      for (String name : new String[] {"1.jpg", "2.jpg"}) {
        zip.putNextEntry(new ZipEntry("img_align_celeba/" + name));
        zip.write(name.equals("2.jpg") ? new byte[] {1, 2, 3} : image());
      }
    }
    Files.writeString(folder.resolve("identity_CelebA.txt"), "1.jpg 7\n2.jpg 7\n");
    try (CelebA celebA = CelebA.read(folder)) {
      assertThat(celebA.dataset().photos()).hasSize(2);
      try (FaceDetector none = detector(List.of());
          FaceDetector one = detector(List.of(FACE))) {
        FaceDataset readable = celebA.dataset().withFaces(one, done -> {});
        assertThat(readable.photos()).hasSize(1);
        assertThat(readable.leftOut().get(0).examples().get(0)).contains("2.jpg");
        FaceDataset empty = celebA.dataset().withFaces(none, done -> {});
        assertThat(empty.photos()).isEmpty();
        assertThat(empty.leftOut()).extracting(LeftOut::count).containsExactly(2);
      }
    }
    Files.write(folder.resolve("img_align_celeba.zip"), new byte[] {80, 75, 9, 9});
    assertThatThrownBy(() -> CelebA.read(folder))
        .isInstanceOf(DatasetFormatException.class)
        .hasMessageContaining("is not a readable zip file");
  }

  private static final DetectedFace FACE =
      new DetectedFace(new BoundingBox(0, 0, 1, 1), 1, Landmarks.NONE);

  private static FaceDetector detector(List<DetectedFace> answer) {
    return new FaceDetector() {
      @Override
      public List<DetectedFace> detect(FaceImage image) {
        return answer;
      }

      @Override
      public void close() {}
    };
  }

  @Test
  void malformedIdentitiesAreNamed() {
    assertRefused("1.jpg 7\n2.jpg\n", "identity_CelebA.txt, line 2: expected a file name and");
    assertRefused("1.jpg 7\n1.jpg 8\n", "identity_CelebA.txt, line 2: expected one row an image");
  }

  private void assertRefused(String rows, String message) {
    assertThatThrownBy(() -> read(rows, "1.jpg"))
        .isInstanceOf(DatasetFormatException.class)
        .hasMessageContaining(message);
  }

  @Test
  void malformedAttributesAreNamed() throws Exception {
    String file = "list_attr_celeba.txt";
    attributes("x\n");
    assertRefused("1.jpg 7\n", file + ", line 1: expected the number of images");
    attributes("1\n" + names(39) + "\n");
    assertRefused("1.jpg 7\n", file + ", line 2: expected 40 names of attributes, found 39");
    attributes("1\n" + names(40) + "\n" + row("1.jpg", 39, 0));
    assertRefused("1.jpg 7\n", file + ", line 3: expected a file name and 40 attributes, found 39");
    attributes("1\n" + names(40) + "\n" + row("1.jpg", 40, 0).replace(" 1", " 2"));
    assertRefused("1.jpg 7\n", file + ", line 3: expected 1 or -1 for A0, found 2");
    attributes("2\n" + names(40) + "\n" + row("1.jpg", 40, 0));
    assertRefused("1.jpg 7\n", file + ", line 1: announces 2 images, but there are rows of 1");
    attributes("");
    assertRefused("1.jpg 7\n", file + ", line 1: announces 0 images");
  }

  @Test
  void missingFilesAreNamed() {
    assertThatThrownBy(() -> CelebA.read(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("img_align_celeba");
  }

  @Test
  void malformedPartitionsAreNamed() throws Exception {
    Files.writeString(folder.resolve("list_eval_partition.txt"), "1.jpg 3\n");
    assertRefused("1.jpg 7\n", "list_eval_partition.txt, line 1: expected a file name and a");
  }

  private static String csv(String image, int set) {
    StringBuilder row = new StringBuilder(image);
    for (int i = 0; i < 40; i++) {
      row.append(i == set ? ",1" : ",-1");
    }
    return row + "\r\n";
  }

  /** As Kaggle's zip unpacks: lists with commas and a head, photos in a folder in a folder. */
  @Test
  void kagglesListsAndFoldersAreRead() throws Exception {
    Path photos = Files.createDirectories(folder.resolve("img_align_celeba/img_align_celeba"));
    Files.write(photos.resolve("000001.jpg"), image());
    Files.write(photos.resolve("000002.jpg"), image());
    Files.writeString(
        folder.resolve("list_attr_celeba.csv"),
        "\uFEFFimage_id,"
            + names(40).trim().replace(' ', ',')
            + "\r\n"
            + csv("000001.jpg", 3)
            + csv("000002.jpg", 39));
    Files.writeString(
        folder.resolve("list_eval_partition.csv"),
        "image_id,partition\n000001.jpg,0\n000002.jpg,2\n");
    for (String identities :
        List.of(
            "identity_CelebA.csv:image_id,identity\n000001.jpg,7\n000002.jpg,8\n",
            "identity_CelebA.txt:000001.jpg 7\n000002.jpg 8\n",
            "list_identity_celeba.txt:2\n000001.jpg 7\n000002.jpg 8\n")) {
      int colon = identities.indexOf(':');
      Path list = folder.resolve(identities.substring(0, colon));
      Files.writeString(list, identities.substring(colon + 1));
      assertThat(CelebA.isOne(folder)).isTrue();
      try (CelebA celebA = CelebA.read(folder)) {
        FaceDataset dataset = celebA.dataset();
        assertThat(dataset.photos()).extracting(Photo::identity).containsExactly("7", "8");
        assertThat(dataset.photos())
            .extracting(Photo::attributes)
            .containsExactly(1L << 3, 1L << 39);
        assertThat(dataset.photos())
            .extracting(photo -> photo.partition().orElseThrow())
            .containsExactly(Partition.TRAIN, Partition.TEST);
        assertThat(dataset.attributeNames()).hasSize(40).startsWith("A0");
        assertThat(celebA.folder()).contains(photos);
        assertThat(celebA.identityOf(Path.of("anywhere/000002.jpg"))).contains("8");
        assertThat(celebA.identityOf(folder.toAbsolutePath().getRoot())).isEmpty();
      }
      Files.delete(list);
    }
  }

  @Test
  void theLineThatCountsMayBeMissing() throws Exception {
    attributes(names(40) + "\n" + row("1.jpg", 40, 3));
    assertThat(read("1.jpg 7\n", "1.jpg").photos())
        .extracting(Photo::attributes)
        .containsExactly(1L << 3);
  }

  @Test
  void listsThatMatchNoPhotoAreAnError() throws Exception {
    assertRefused("2.jpg 7\n", "no photo in");
    assertRefused("2.jpg 7\n", "img_align_celeba is in the lists");
    assertRefused("2.jpg 7\n", "such as 1.jpg");
  }

  @Test
  void photosThatAreMissingAreSoughtWhereTheMessageSays() throws Exception {
    Files.writeString(folder.resolve("identity_CelebA.txt"), "1.jpg 7\n");
    Files.createDirectory(folder.resolve("img_align_celeba"));
    assertThatThrownBy(() -> CelebA.read(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("img_align_celeba.zip")
        .hasMessageContaining(Path.of("Img", "img_align_celeba").toString());
  }

  /** Kaggle has no list of people; the folder's name is none. */
  @Test
  void aMissingListOfPeopleIsNamed() throws Exception {
    Path photos = Files.createDirectories(folder.resolve("img_align_celeba"));
    Files.write(photos.resolve("1.jpg"), image());
    Files.writeString(
        folder.resolve("list_attr_celeba.csv"),
        "image_id," + names(40).trim().replace(' ', ',') + "\n" + csv("1.jpg", 3));
    assertThat(CelebA.isOne(folder)).isTrue();
    assertThatThrownBy(() -> CelebA.read(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("whose photos these are")
        .hasMessageContaining("identity_CelebA.csv");
  }
}
