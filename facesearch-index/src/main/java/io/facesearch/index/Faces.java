package io.facesearch.index;

import io.facesearch.FaceRecord;
import java.util.Arrays;

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

  Faces append(FaceRecord face) {
    int chunk = size / CHUNK;
    FaceRecord[][] grown = chunks;
    if (chunk == chunks.length) {
      // Room for more, so that a long list is not copied for every chunk.
      grown = Arrays.copyOf(chunks, chunk + 1 + chunk / 8);
    }
    if (grown[chunk] == null) {
      grown[chunk] = new FaceRecord[CHUNK];
    }
    grown[chunk][size % CHUNK] = face;
    return new Faces(grown, Math.addExact(size, 1));
  }
}
