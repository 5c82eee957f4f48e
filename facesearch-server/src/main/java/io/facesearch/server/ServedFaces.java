package io.facesearch.server;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The faces of the gallery as clients know them: by keys, and without paths. Thread-safe. */
final class ServedFaces {
  private final ServedGallery served;
  private final Gallery gallery;
  private final FaceKeys keys;

  ServedFaces(ServedGallery served, FaceKeys keys) {
    this.served = served;
    gallery = served.gallery();
    this.keys = keys;
  }

  EmbeddedFace require(@Nullable String key) {
    return find(key).orElseThrow(ServedFaces::unknown);
  }

  Optional<EmbeddedFace> find(@Nullable String key) {
    String id = keys.idOf(key);
    return id.isEmpty() ? Optional.empty() : gallery.get(id);
  }

  static Problem unknown() {
    return new Problem(404, "unknown_face", "no face of that id is in the gallery");
  }

  Answers.GalleryFace shown(FaceRecord face) {
    return new Answers.GalleryFace(
        keys.keyOf(face.id()),
        face.person().orElse(null),
        face.source().map(FaceKeys::shownSource).orElse(null),
        served.hasPhoto(face),
        Answers.tags(face.tags()));
  }
}
