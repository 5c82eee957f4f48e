package io.facesearch.index;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceRecord;
import java.util.Arrays;
import java.util.List;

/**
 * An immutable view on the first {@code size} faces of an append-only list, in order of insertion.
 *
 * <p>Views share their chunks: {@link #append} writes only behind the end of the view it is called
 * on, so it costs O(1) a face, and older views never notice. It may be called on the newest view
 * only, by one thread at a time; a new view must reach other threads by safe publication.
 */
final class Faces {
  private static final int CHUNK = 256;
  static final Faces EMPTY = new Faces(new FaceRecord[0][], 0);

  private final FaceRecord[][] chunks;
  private final int size;

  private Faces(FaceRecord[][] chunks, int size) {
    this.chunks = chunks;
    this.size = size;
  }

  int size() {
    return size;
  }

  FaceRecord get(int ordinal) {
    return chunks[ordinal / CHUNK][ordinal % CHUNK];
  }

  Faces append(List<EmbeddedFace> faces) {
    int end = Math.addExact(size, faces.size());
    FaceRecord[][] grown = chunks;
    int needed = (end - 1) / CHUNK + 1;
    if (needed > chunks.length) {
      grown = Arrays.copyOf(chunks, needed);
      for (int i = chunks.length; i < needed; i++) {
        grown[i] = new FaceRecord[CHUNK];
      }
    }
    int at = size;
    for (EmbeddedFace face : faces) {
      grown[at / CHUNK][at % CHUNK] = face.face();
      at++;
    }
    return new Faces(grown, end);
  }
}
