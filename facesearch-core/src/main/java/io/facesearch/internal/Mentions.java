package io.facesearch.internal;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Faces of others in photos of a person who is forgotten. */
public final class Mentions {
  private Mentions() {}

  /**
   * Lets faces of others stay without telling whose photo it is.
   *
   * @param index where they are replaced
   * @param faces all of it, or those that may be concerned
   * @param person who is forgotten
   */
  public static void drop(FaceIndex index, Iterable<EmbeddedFace> faces, String person) {
    Set<String> ids = new HashSet<>();
    List<EmbeddedFace> without = new ArrayList<>();
    for (EmbeddedFace face : faces) {
      FaceRecord r = face.face();
      if (!r.concerns(person) && r.photoOf().filter(person::equals).isPresent()) {
        ids.add(r.id());
        without.add(
            new EmbeddedFace(
                new FaceRecord(
                    r.id(),
                    r.person().orElse(null),
                    r.source().orElse(null),
                    r.box().orElse(null),
                    r.tags(),
                    null,
                    r.stamp().orElse(null)),
                face.embedding()));
      }
    }
    index.replaceAll(ids, without);
  }
}
