package io.facesearch.embed;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.facesearch.FaceImage;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Images by the formula of golden.json, and what the network makes of them. */
final class TestChips {
  private TestChips() {}

  static FaceImage chip(int seed) {
    return chip(seed, 150, 150);
  }

  static FaceImage chip(int seed, int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    for (int y = 0, i = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          int pattern = (x / 8 + y / 8 + c) % 2 * 60;
          rgb[i++] = (byte) (x * (3 + seed) + y * (5 + 2 * seed) + 40 * c + pattern);
        }
      }
    }
    return FaceImage.ofRgb(width, height, rgb);
  }

  static List<FaceImage> chips(int n) {
    List<FaceImage> chips = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      chips.add(chip(i));
    }
    return chips;
  }

  static FaceImage mirror(FaceImage image) {
    byte[] rgb = new byte[3 * image.width() * image.height()];
    for (int y = 0, i = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        int pixel = image.rgb(image.width() - 1 - x, y);
        rgb[i++] = (byte) (pixel >> 16);
        rgb[i++] = (byte) (pixel >> 8);
        rgb[i++] = (byte) pixel;
      }
    }
    return FaceImage.ofRgb(image.width(), image.height(), rgb);
  }

  static float[] golden(int seed) {
    try (Reader reader =
        new InputStreamReader(
            TestChips.class.getResourceAsStream("golden.json"), StandardCharsets.UTF_8)) {
      JsonObject all = JsonParser.parseReader(reader).getAsJsonObject();
      JsonArray array = all.getAsJsonArray("face_recognition seed " + seed + " n 150");
      float[] values = new float[array.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = array.get(i).getAsFloat();
      }
      return values;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
