package io.facesearch.train;

import io.facesearch.FaceImage;
import io.facesearch.train.FaceDataset.Photo;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Images of faces with the person in each. Implementations are thread-safe. */
public interface LabeledImages {
  /** {@return how many images there are} */
  int size();

  /**
   * Where an image comes from, for messages.
   *
   * @param i 0 to size - 1
   * @return for instance the file
   */
  String name(int i);

  /**
   * Whose face it is.
   *
   * @param i 0 to size - 1
   * @return the identity
   */
  String identity(int i);

  /**
   * Reads an image.
   *
   * @param i 0 to size - 1
   * @return of any size
   * @throws IOException if it cannot be read
   */
  FaceImage image(int i) throws IOException;

  /**
   * Photos as they are, decoded each time.
   *
   * @param photos of a data set
   * @return the photos, in order
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
   * Some of the images.
   *
   * @param indices which
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
   * Indices of the images of some people, such as a part of an {@link IdentitySplit}.
   *
   * @param part the people
   * @return in order
   */
  default int[] indicesOf(FaceDataset part) {
    Set<String> people = new HashSet<>(part.byIdentity().keySet());
    return IntStream.range(0, size()).filter(i -> people.contains(identity(i))).toArray();
  }
}
