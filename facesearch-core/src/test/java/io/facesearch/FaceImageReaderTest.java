package io.facesearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaceImageReaderTest {
  @ParameterizedTest
  @ValueSource(strings = {"png", "bmp", "jpeg"})
  void readsWhatImageIoWrites(String format) throws IOException {
    BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 30; y++) {
      for (int x = 0; x < 40; x++) {
        image.setRGB(x, y, x * 6 << 16 | y * 8 << 8 | (x + y) * 3);
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, format, out);
    FaceImage read = FaceImage.read(out.toByteArray());
    FaceImage expected = FaceImage.of(image);
    assertThat(read.width()).isEqualTo(40);
    for (int i = 0; i < 3 * 40 * 30; i++) {
      int difference = (read.rgb().get(i) & 0xff) - (expected.rgb().get(i) & 0xff);
      assertThat(Math.abs(difference)).isLessThanOrEqualTo(format.equals("jpeg") ? 16 : 0);
    }
  }

  @org.junit.jupiter.api.Test
  void refusesWhatIsNoImage() {
    assertThatThrownBy(() -> FaceImageReader.DEFAULT.read(new byte[] {1, 2, 3}, "x.jpg"))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageContaining("x.jpg");
  }
}
