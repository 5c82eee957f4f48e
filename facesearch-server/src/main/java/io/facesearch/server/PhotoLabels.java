package io.facesearch.server;

import io.facesearch.EmbeddedFace;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/** Who is in the photos of a folder, and which tags their faces get. Must be thread-safe. */
public interface PhotoLabels {
  /**
   * Where the photos are.
   *
   * @return the folder of photos, or one inside it
   */
  Path photos();

  /**
   * Names the person of a photo.
   *
   * @return for {@link io.facesearch.FaceSearch.Builder#person}; empty where the subfolder is the
   *     person
   */
  Optional<Function<Path, Optional<String>>> person();

  /**
   * Adds tags to a face before it is indexed.
   *
   * @param face of a photo
   * @return the face with its tags
   */
  EmbeddedFace label(EmbeddedFace face);

  /**
   * Labels of a folder with one subfolder a person, and no tags.
   *
   * @param folder of photos
   * @return the labels
   */
  static PhotoLabels ofSubfolders(Path folder) {
    return new PhotoLabels() {
      @Override
      public Path photos() {
        return folder;
      }

      @Override
      public Optional<Function<Path, Optional<String>>> person() {
        return Optional.empty();
      }

      @Override
      public EmbeddedFace label(EmbeddedFace face) {
        return face;
      }
    };
  }
}
