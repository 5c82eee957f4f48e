package io.facesearch.train;

import io.facesearch.FaceImage;
import io.facesearch.embed.Preprocessing;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Images, scaled, normalized and augmented. */
record PixelInputs(LabeledImages images, Preprocessing preprocessing, Augmentation augmentation)
    implements Inputs {

  PixelInputs {
    if (preprocessing.layout() != Preprocessing.Layout.NCHW) {
      throw new IllegalArgumentException("training needs NCHW, but got: " + preprocessing);
    }
  }

  @Override
  public int size() {
    return images.size();
  }

  @Override
  public long[] shape() {
    return new long[] {3, preprocessing.height(), preprocessing.width()};
  }

  @Override
  public String name(int i) {
    return images.name(i);
  }

  @Override
  public String identity(int i) {
    return images.identity(i);
  }

  @Override
  public void write(int i, @Nullable SplittableRandom random, FloatBuffer target, int offset)
      throws IOException {
    FaceImage image = preprocessing.resize(images.image(i));
    preprocessing.write(image, random != null && augmentation.flips(random), target, offset);
    if (random != null) {
      augmentation.erase(target, offset, preprocessing.width(), preprocessing.height(), random);
    }
  }
}
