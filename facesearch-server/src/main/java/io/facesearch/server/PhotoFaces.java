package io.facesearch.server;

import io.facesearch.AnalyzedFace;
import io.facesearch.DetectedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceChoice;
import io.facesearch.FaceImage;
import io.facesearch.FaceImageReader;
import io.facesearch.FaceQuality;
import io.facesearch.PhotoPeople;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The faces of one uploaded photo, numbered from left to right.
 *
 * @param photo the photo
 * @param faces from left to right
 * @param quality of each
 * @param chips of each
 * @param embeddings of each, in order, or of one
 * @param names of each, as the photo itself says; null of those without
 * @param largest number of the largest; -1 without faces
 * @param readMillis time to decode
 * @param detectMillis time to find faces and landmarks, and to measure quality
 * @param embedMillis time to embed
 */
record PhotoFaces(
    FaceImage photo,
    List<DetectedFace> faces,
    List<FaceQuality> quality,
    List<FaceImage> chips,
    List<Embedding> embeddings,
    List<@Nullable String> names,
    int largest,
    double readMillis,
    double detectMillis,
    double embedMillis) {

  /** Everything of one face, where it or all were embedded. */
  AnalyzedFace analyzed(int number) {
    Embedding embedding = embeddings.get(embeddings.size() == 1 ? 0 : number);
    return new AnalyzedFace(faces.get(number), quality.get(number), chips.get(number), embedding);
  }

  /** Finds and embeds all faces, or only number {@code only}, or only the largest. */
  static PhotoFaces of(
      FaceAnalyzer search,
      FaceImageReader reader,
      byte[] encoded,
      boolean all,
      @Nullable Integer only) {
    long start = System.nanoTime();
    FaceImage photo = reader.read(encoded, "the photo");
    long read = System.nanoTime();
    List<DetectedFace> faces =
        search.detect(photo).stream()
            .sorted(Comparator.comparingDouble(face -> -face.box().area()))
            .limit(Limits.MAX_FACES)
            .sorted(Comparator.comparingDouble(face -> face.box().centerX()))
            .toList();
    List<FaceImage> chips = faces.stream().map(face -> search.align(photo, face)).toList();
    List<FaceQuality> quality =
        IntStream.range(0, faces.size())
            .mapToObj(i -> search.qualityCheck().measure(photo, faces.get(i), chips.get(i)))
            .toList();
    int largest = FaceChoice.LARGEST.choose(faces, photo).map(faces::indexOf).orElse(-1);
    long detected = System.nanoTime();
    List<Embedding> embeddings = List.of();
    if (!faces.isEmpty()) {
      int one = only == null ? largest : only;
      if (one >= faces.size()) {
        throw Problem.badRequest(
            "there is no face " + one + ": the photo has " + faces.size() + ", from 0 on");
      }
      embeddings = search.embedAligned(all ? chips : List.of(chips.get(one)));
    }
    return new PhotoFaces(
        photo,
        faces,
        quality,
        chips,
        embeddings,
        PhotoPeople.of(encoded)
            .namesOf(faces.stream().map(DetectedFace::box).toList(), photo.width(), photo.height()),
        largest,
        (read - start) / 1e6,
        (detected - read) / 1e6,
        (System.nanoTime() - detected) / 1e6);
  }
}
