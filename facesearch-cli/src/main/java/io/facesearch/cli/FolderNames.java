package io.facesearch.cli;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.Gallery;
import io.facesearch.NamedPerson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;

/** Finds names that are probably of a folder of photos, and of no person. */
final class FolderNames {
  /** Names of fewer faces tell nothing. */
  static final int FEWEST = 20;

  private static final int FACES = 200;
  private static final int PAIRS = 400;

  private FolderNames() {}

  /**
   * Names of which three of four pairs of faces are too far apart to be taken for one person. Costs
   * going through all faces once.
   *
   * @return in alphabetical order
   */
  static List<String> doubtful(Gallery gallery) {
    OptionalDouble apart = Thresholds.ofPairs(gallery);
    Map<String, List<Embedding>> many = new HashMap<>();
    for (NamedPerson person : gallery.names()) {
      if (person.faces() >= FEWEST) {
        many.put(person.name(), new ArrayList<>());
      }
    }
    if (many.isEmpty() || apart.isEmpty()) {
      return List.of();
    }
    for (EmbeddedFace face : gallery.faces()) {
      List<Embedding> faces = many.get(face.face().person().orElse(""));
      if (faces != null && faces.size() < FACES) {
        faces.add(face.embedding());
      }
    }
    return many.entrySet().stream()
        .filter(one -> areMostlyApart(one.getValue(), apart.getAsDouble()))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  private static boolean areMostlyApart(List<Embedding> faces, double apart) {
    Random random = new Random(1);
    int far = 0;
    int pairs = 0;
    for (int i = 0; i < PAIRS; i++) {
      int a = random.nextInt(faces.size());
      int b = random.nextInt(faces.size());
      if (a != b) {
        pairs++;
        far += faces.get(a).distanceTo(faces.get(b)) > apart ? 1 : 0;
      }
    }
    return 4 * far > 3 * pairs;
  }
}
