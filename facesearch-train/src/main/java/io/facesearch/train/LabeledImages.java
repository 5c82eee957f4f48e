package io.facesearch.train;

import io.facesearch.FaceImage;
import io.facesearch.train.FaceDataset.Photo;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Images of faces with the person in each. Implementations must be thread-safe. */
public interface LabeledImages {
  /** {@return the number of images} */
  int size();

  /**
   * Returns where an image comes from, for messages.
   *
   * @param i 0 to {@code size() - 1}
   * @return for example the name of the file
   */
  String name(int i);

  /**
   * Returns the person in an image.
   *
   * @param i 0 to {@code size() - 1}
   * @return the identity
   */
  String identity(int i);

  /**
   * Reads an image.
   *
   * @param i 0 to {@code size() - 1}
   * @return the image, of any size
   * @throws IOException if it cannot be read
   */
  FaceImage image(int i) throws IOException;

  /**
   * Creates images from whole photos, which are decoded on each access.
   *
   * @param photos the photos of a data set
   * @return the images, in the same order
   */
  static LabeledImages of(List<Photo> photos) {
    List<Photo> all = List.copyOf(photos);
    return new LabeledImages() {
      @Override
      public int size() {
        return all.size();
      }

      @Override
      public String name(int i) {
        return all.get(i).file().toString();
      }

      @Override
      public String identity(int i) {
        return all.get(i).identity();
      }

      @Override
      public FaceImage image(int i) throws IOException {
        return FaceImage.read(all.get(i).file());
      }
    };
  }

  /**
   * Selects some of the images.
   *
   * @param indices of the images
   * @return a view
   */
  default LabeledImages subset(int... indices) {
    int[] chosen = indices.clone();
    LabeledImages whole = this;
    return new LabeledImages() {
      @Override
      public int size() {
        return chosen.length;
      }

      @Override
      public String name(int i) {
        return whole.name(chosen[i]);
      }

      @Override
      public String identity(int i) {
        return whole.identity(chosen[i]);
      }

      @Override
      public FaceImage image(int i) throws IOException {
        return whole.image(chosen[i]);
      }
    };
  }

  /**
   * Returns the indices of the images of certain people, such as a part of an {@link
   * IdentitySplit}.
   *
   * @param part the people
   * @return the indices in increasing order
   */
  default int[] indicesOf(FaceDataset part) {
    Set<String> people = new HashSet<>(part.byIdentity().keySet());
    return IntStream.range(0, size()).filter(i -> people.contains(identity(i))).toArray();
  }
}
