package io.facesearch.index.testing;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Vectors like those of faces: people lie far apart, the photos of one person near each other. */
public final class People {
  static final int DIMENSION = 128;

  private final double[] scale = new double[DIMENSION];
  private final List<float[]> people = new ArrayList<>();
  private Random random;

  public People(int count, Random random) {
    this.random = random;
    for (int j = 0; j < scale.length; j++) {
      scale[j] = j < 80 ? Math.exp(-j / 24.0) : 0.001;
    }
    for (int i = 0; i < count; i++) {
      people.add(near(new float[DIMENSION], 1));
    }
  }

  /** Takes another source of chance from now on. */
  public People askedBy(Random other) {
    random = other;
    return this;
  }

  /** Photos of all people in any order, those of person p with ids that begin with {@code p:}. */
  public List<EmbeddedFace> photos(int each) {
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int person = 0; person < people.size(); person++) {
      for (int i = 0; i < each; i++) {
        float[] photo = near(people.get(person), 0.6);
        faces.add(new EmbeddedFace(FaceRecord.of(person + ":" + i), Embedding.of("m", photo)));
      }
    }
    Collections.shuffle(faces, random);
    return faces;
  }

  /** A new photo of anybody. */
  public Embedding query() {
    return Embedding.of("m", near(people.get(random.nextInt(people.size())), 0.6));
  }

  private float[] near(float[] point, double factor) {
    float[] result = new float[point.length];
    for (int j = 0; j < result.length; j++) {
      result[j] = (float) (point[j] + factor * scale[j] * random.nextGaussian());
    }
    return result;
  }
}
