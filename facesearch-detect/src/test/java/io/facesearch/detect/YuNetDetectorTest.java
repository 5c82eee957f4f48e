package io.facesearch.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.FaceDetector;
import io.facesearch.FaceImage;
import io.facesearch.Landmarks;
import io.facesearch.QualityCheck;
import io.facesearch.testing.FaceDetectorContract;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class YuNetDetectorTest extends FaceDetectorContract {
  private static final Path SAMPLES =
      Path.of("../facesearch-cli/src/main/resources/io/facesearch/cli/samples");
  private static final Path RESOURCES = Path.of("src/test/resources/io/facesearch/detect");

  @Override
  protected FaceDetector create() {
    return YuNetDetector.create();
  }

  @Override
  protected List<Sample> samples() {
    return Samples.all();
  }

  /** Boxes, landmarks and scores that OpenCV's own YuNet gives for the samples. */
  @Test
  void equalsOpenCv() throws Exception {
    String json = new String(Resources.read("yunet_sface_opencv.json"), StandardCharsets.UTF_8);
    JsonArray photos = JsonParser.parseString(json).getAsJsonObject().getAsJsonArray("photos");
    assertThat(photos).hasSize(12);
    try (FaceDetector detector = YuNetDetector.builder().minScore(0.6).build()) {
      for (JsonElement element : photos) {
        JsonObject photo = element.getAsJsonObject();
        String file = photo.get("file").getAsString();
        List<DetectedFace> faces = detector.detect(FaceImage.read(SAMPLES.resolve(file)));
        JsonArray expected = photo.getAsJsonArray("faces");
        assertThat(faces).as(file).hasSize(expected.size());
        for (int i = 0; i < faces.size(); i++) {
          JsonObject face = expected.get(i).getAsJsonObject();
          BoundingBox box = faces.get(i).box();
          double[] actual = {box.x(), box.y(), box.width(), box.height()};
          for (int v = 0; v < 4; v++) {
            double value = face.getAsJsonArray("box").get(v).getAsDouble();
            assertThat(actual[v]).as("%s, box %d", file, v).isCloseTo(value, within(0.05));
          }
          Landmarks landmarks = faces.get(i).landmarks();
          for (int v = 0; v < 10; v++) {
            double value = face.getAsJsonArray("landmarks").get(v).getAsDouble();
            double coordinate = v % 2 == 0 ? landmarks.x(v / 2) : landmarks.y(v / 2);
            assertThat(coordinate).as("%s, landmark %d", file, v).isCloseTo(value, within(0.05));
          }
          assertThat(faces.get(i).score()).isCloseTo(face.get("score").getAsDouble(), within(1e-3));
        }
      }
    }
  }

  @Test
  void findsFacesThatFillThePhoto() throws Exception {
    try (FaceDetector detector = create();
        var files = Files.list(RESOURCES.resolve("tight-faces"))) {
      List<Path> all = files.sorted().toList();
      assertThat(all).hasSize(16);
      for (Path file : all) {
        FaceImage photo = FaceImage.read(file);
        assertThat(detector.detect(photo)).as(file.toString()).hasSize(1);
        // And enlarged beyond what the network sees well.
        FaceImage large = ImageScale.bilinear(photo, 4 * photo.width(), 4 * photo.height());
        List<DetectedFace> faces = detector.detect(large);
        assertThat(faces).as(file.toString()).hasSize(1);
        assertThat(faces.get(0).score()).as(file.toString()).isGreaterThan(0.9);
      }
    }
  }

  /** From 2 % of the longer side to half of it, in a photo of 12 megapixels. */
  @Test
  void findsFacesOfAllSizesInALargePhoto() {
    try (FaceDetector detector = create()) {
      FaceImage sample = Samples.query(1);
      // The face takes 88 x 109 of the sample's 176 pixels.
      for (int width : new int[] {80, 160, 400, 1000, 1900}) {
        int side = 2 * width;
        FaceImage photo = Samples.pasted(ImageScale.area(sample, side, side), 4000, 4000, 100, 200);
        double scale = side / 176.0;
        BoundingBox there =
            new BoundingBox(100 + 48.8 * scale, 200 + 41.7 * scale, 88 * scale, 109.4 * scale);
        List<DetectedFace> faces = detector.detect(photo);
        assertThat(faces).as("%d pixels", width).hasSize(1);
        assertThat(faces.get(0).box().iou(there)).as("%d pixels", width).isGreaterThan(0.7);
        assertThat(faces.get(0).score()).as("%d pixels", width).isGreaterThan(0.8);
      }
    }
  }

  /** As read from a JPEG, of which only parts are decoded, and from all of its pixels. */
  @Test
  void aLargeJpegGivesTheFacesOfItsPixels() throws Exception {
    SimilarityAligner aligner = new SimilarityAligner();
    var template = io.facesearch.AlignmentTemplate.arcFace112();
    try (FaceDetector detector = create()) {
      // Chips are cut out of the full size, and of half of it.
      for (int side : new int[] {352, 528, 1760}) {
        FaceImage sample = ImageScale.bilinear(Samples.query(6), side, side);
        FaceImage upright = Samples.pasted(sample, 3200, 2400, 901, 333);
        for (int turn : new int[] {0, 90, 180}) {
          FaceImage photo = turn == 0 ? upright : FaceBoxes.turned(upright, turn);
          ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
          assertThat(ImageIO.write(photo.toBufferedImage(), "jpg", jpeg)).isTrue();
          FaceImage parts = FaceImage.read(jpeg.toByteArray());
          assertThat(parts.half()).isPresent();
          List<DetectedFace> found = detector.detect(parts);
          assertThat(found).as("%d turned by %d", side, turn).hasSize(1);
          FaceImage chip = aligner.align(parts, found.get(0), template);
          byte[] pixels = new byte[3 * parts.width() * parts.height()];
          parts.rgb().get(pixels);
          FaceImage whole = FaceImage.ofRgb(parts.width(), parts.height(), pixels);
          List<DetectedFace> expected = detector.detect(whole);
          assertThat(expected).hasSize(1);
          assertThat(found.get(0).turn()).isEqualTo(expected.get(0).turn()).isEqualTo(turn(turn));
          assertThat(found.get(0).box().iou(expected.get(0).box())).isGreaterThan(0.97);
          for (int p = 0; p < 5; p++) {
            assertThat((double) found.get(0).landmarks().x(p))
                .isCloseTo(expected.get(0).landmarks().x(p), within(side / 176.0));
            assertThat((double) found.get(0).landmarks().y(p))
                .isCloseTo(expected.get(0).landmarks().y(p), within(side / 176.0));
          }
          FaceImage same = aligner.align(whole, found.get(0), template);
          int sum = 0;
          for (int y = 0; y < 112; y++) {
            for (int x = 0; x < 112; x++) {
              int difference =
                  Math.abs((chip.rgb(x, y) >> 8 & 0xff) - (same.rgb(x, y) >> 8 & 0xff));
              assertThat(difference).as("%d turned by %d: %d,%d", side, turn, x, y).isLessThan(10);
              sum += difference;
            }
          }
          assertThat(sum / (112.0 * 112)).as("%d turned by %d", side, turn).isLessThan(1);
        }
      }
    }
  }

  /** The turn that makes a photo upright that was turned. */
  private static int turn(int turned) {
    return (360 - turned) % 360;
  }

  @Test
  void findsSmallFacesInALargePhotoIfAsked() {
    FaceImage small = ImageScale.area(Samples.query(3), 44, 44);
    // Faces of 25 pixels in 12 megapixels, one of them across the border of two tiles.
    FaceImage photo = Samples.pasted(small, 4000, 3000, 3900, 1000);
    photo = pastedInto(photo, small, 880, 20);
    try (FaceDetector few = create();
        FaceDetector all = YuNetDetector.builder().smallFaces(true).build()) {
      assertThat(few.detect(photo)).isEmpty();
      assertThat(all.detect(photo)).hasSize(2);
    }
  }

  @Test
  void findsSmallerFacesByTheDoubleSize() {
    FaceImage photo = Samples.pasted(ImageScale.area(Samples.query(3), 22, 22), 800, 600, 300, 200);
    try (FaceDetector few = create();
        FaceDetector all = YuNetDetector.builder().smallFaces(true).build()) {
      assertThat(few.detect(photo)).isEmpty();
      assertThat(all.detect(photo)).hasSize(1);
    }
  }

  /** Each sample on its side or head: the face is found where it is, and told how it stands. */
  @Test
  void findsTurnedPhotos() {
    try (FaceDetector detector = create()) {
      for (int person = 1; person <= 32; person++) {
        FaceImage photo = Samples.query(person);
        DetectedFace upright = detector.detect(photo).get(0);
        assertThat(upright.turn()).isZero();
        for (int turn = 90; turn < 360; turn += 90) {
          // A photo that was turned by 360 - turn stands upright after a turn by turn.
          FaceImage turned = FaceBoxes.turned(photo, 360 - turn);
          List<DetectedFace> faces = detector.detect(turned);
          assertThat(faces).as("person %d turned by %d", person, turn).hasSize(1);
          assertThat(faces.get(0).turn()).as("person %d", person).isEqualTo(turn);
          for (int p = 0; p < 5; p++) {
            assertThat((double) faces.get(0).landmarks().x(p))
                .isCloseTo(forward(upright.landmarks(), p, turn, photo)[0], within(0.1));
            assertThat((double) faces.get(0).landmarks().y(p))
                .isCloseTo(forward(upright.landmarks(), p, turn, photo)[1], within(0.1));
          }
        }
      }
    }
  }

  /** Where a point of the upright photo lies in the photo that a turn makes upright. */
  private static double[] forward(Landmarks landmarks, int p, int turn, FaceImage upright) {
    double x = landmarks.x(p);
    double y = landmarks.y(p);
    return switch (turn) {
      case 90 -> new double[] {y, upright.width() - x};
      case 180 -> new double[] {upright.width() - x, upright.height() - y};
      default -> new double[] {upright.height() - y, x};
    };
  }

  @Test
  void aTurnedPhotoGivesTheSameChipAndIsNoTiltedHead() {
    SimilarityAligner aligner = new SimilarityAligner();
    var template = io.facesearch.AlignmentTemplate.arcFace112();
    try (FaceDetector detector = create()) {
      FaceImage photo = Samples.query(4);
      FaceImage chip = aligner.align(photo, detector.detect(photo).get(0), template);
      FaceImage turned = FaceBoxes.turned(photo, 90);
      DetectedFace face = detector.detect(turned).get(0);
      FaceImage other = aligner.align(turned, face, template);
      long difference = 0;
      for (int y = 0; y < 112; y++) {
        for (int x = 0; x < 112; x++) {
          difference += Math.abs((chip.rgb(x, y) & 0xff) - (other.rgb(x, y) & 0xff));
        }
      }
      assertThat(difference / (112.0 * 112)).isLessThan(8);
      assertThat(QualityCheck.DEFAULT.measure(turned, face, other).rejections()).isEmpty();
    }
  }

  @Test
  void withoutTurningAPhotoIsTakenAsItIs() {
    try (FaceDetector detector = YuNetDetector.builder().turned(false).build()) {
      for (int person = 1; person <= 8; person++) {
        FaceImage turned = FaceBoxes.turned(Samples.query(person), 180);
        assertThat(detector.detect(turned)).allSatisfy(face -> assertThat(face.turn()).isZero());
      }
    }
  }

  @Test
  void settingsAreCheckedAndTold() {
    assertThatThrownBy(() -> YuNetDetector.builder().minScore(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("minScore must be between 0.1 and 1, but is: 0");
    assertThatThrownBy(() -> YuNetDetector.builder().overlap(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> YuNetDetector.builder().poolSize(0))
        .isInstanceOf(IllegalArgumentException.class);
    try (FaceDetector one = create();
        FaceDetector other = YuNetDetector.builder().minScore(0.5).smallFaces(true).build()) {
      assertThat(one.configuration().orElseThrow())
          .startsWith("yunet v2 #")
          .endsWith("minScore=0.75 overlap=0.3 smallFaces=false turned=true");
      assertThat(other.configuration()).isNotEqualTo(one.configuration());
    }
  }

  /** Changing a builder after build changes nothing. */
  @Test
  void settingsOfADetectorStay() {
    YuNetDetector.Builder builder = YuNetDetector.builder();
    try (FaceDetector detector = builder.build()) {
      String before = detector.configuration().orElseThrow();
      builder.minScore(0.2).smallFaces(true);
      assertThat(detector.configuration()).hasValue(before);
    }
  }

  private static FaceImage pastedInto(FaceImage photo, FaceImage face, int x, int y) {
    byte[] rgb = new byte[3 * photo.width() * photo.height()];
    photo.rgb().get(rgb);
    byte[] row = new byte[3 * face.width()];
    for (int v = 0; v < face.height(); v++) {
      face.rgb().get(v * row.length, row);
      System.arraycopy(row, 0, rgb, 3 * ((y + v) * photo.width() + x), row.length);
    }
    return FaceImage.ofRgb(photo.width(), photo.height(), rgb);
  }
}
