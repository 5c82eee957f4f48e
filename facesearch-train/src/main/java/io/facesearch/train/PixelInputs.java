package io.facesearch.train;

import io.facesearch.FaceImage;
import io.facesearch.embed.Preprocessing;
import io.facesearch.internal.Sha256;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
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

  /** A digest of the pixels before they are normalized, a quarter of the bytes. */
  byte[] digest(int i) throws IOException {
    FaceImage image = preprocessing.resize(images.image(i));
    MessageDigest sha = Sha256.digest();
    sha.update(image.rgb());
    return sha.digest();
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
