package com.example.plugin;

import io.facesearch.AlignmentTemplate;
import io.facesearch.DecisionThreshold;
import io.facesearch.Embedding;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceImage;
import io.facesearch.ModelCard;
import io.facesearch.spi.EmbedderProvider;
import java.util.List;

/**
 * The mean gray values of 8 x 8 fields of the aligned face, as a unit vector. It shows where a
 * network goes; it tells people apart poorly.
 */
public final class GrayGridEmbedder implements FaceEmbedder {
  private static final int GRID = 8;

  private static final ModelCard CARD =
      new ModelCard(
          "gray-grid-1",
          GRID * GRID,
          AlignmentTemplate.arcFace112(),
          "CC0; trained on nothing",
          // sha256sum of the text "gray-grid-1: arcface_112, 8 x 8, mean 0, norm 1"
          "9d40a9b1bdbb0e02558137262bb9e132c008d562c80a44988ca4cc722d90ac46",
          DecisionThreshold.NOT_CALIBRATED); // so nobody gets a name by it

  private volatile boolean closed;

  @Override
  public ModelCard card() {
    return CARD;
  }

  @Override
  public List<Embedding> embed(List<FaceImage> chips) {
    if (closed) {
      throw new IllegalStateException("the embedder " + CARD.name() + " is closed");
    }
    return List.copyOf(chips).stream().map(GrayGridEmbedder::embed).toList();
  }

  private static Embedding embed(FaceImage chip) {
    int width = CARD.input().width();
    int height = CARD.input().height();
    if (chip.width() != width || chip.height() != height) {
      throw new IllegalArgumentException(
          String.format(
              "a chip must be %dx%d pixels, but is %dx%d",
              width, height, chip.width(), chip.height()));
    }
    double[] sums = new double[GRID * GRID];
    double mean = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int rgb = chip.rgb(x, y);
        double gray = 0.299 * (rgb >> 16 & 255) + 0.587 * (rgb >> 8 & 255) + 0.114 * (rgb & 255);
        sums[y * GRID / height * GRID + x * GRID / width] += gray;
        mean += gray / sums.length;
      }
    }
    double squares = 0;
    for (double sum : sums) {
      squares += (sum - mean) * (sum - mean);
    }
    float[] vector = new float[sums.length];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) ((sums[i] - mean) / Math.max(1e-9, Math.sqrt(squares)));
    }
    return Embedding.of(CARD.fingerprint(), vector);
  }

  @Override
  public void close() {
    closed = true;
  }

  /** Asked for by its name, and by the fingerprint of a gallery that it made. */
  public static final class Provider implements EmbedderProvider {
    @Override
    public String name() {
      return "gray-grid";
    }

    @Override
    public String fingerprint() {
      return CARD.fingerprint();
    }

    @Override
    public FaceEmbedder newEmbedder() {
      return new GrayGridEmbedder();
    }
  }
}
