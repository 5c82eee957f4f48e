package io.facesearch.index.testing;

import io.facesearch.FaceFilter;
import io.facesearch.FaceRecord;
import io.facesearch.Search;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Requests of every kind, and records of faces that they tell apart. Not thread-safe. */
public final class RandomRequests {
  private final Random random;

  public RandomRequests(Random random) {
    this.random = random;
  }

  /** A record, with or without a person and tags. */
  public FaceRecord record(String id) {
    FaceRecord face =
        random.nextInt(4) == 0 ? FaceRecord.of(id) : FaceRecord.of(id, "p" + random.nextInt(40));
    if (random.nextBoolean()) {
      face = face.withTag("camera", "c" + random.nextInt(3));
    }
    if (random.nextBoolean()) {
      face = face.withTag("year", random.nextInt(100));
    }
    return face;
  }

  /**
   * An exact request.
   *
   * @param ids that may be excluded
   * @param distances to choose the bound from; may be empty
   */
  public Search request(List<String> ids, List<Double> distances) {
    Search request =
        random.nextInt(5) == 0
            ? Search.nearest(Integer.MAX_VALUE)
            : Search.nearest(1 + random.nextInt(random.nextInt(4) == 0 ? 200 : 12));
    if (random.nextInt(3) == 0) {
      request = request.where(filter(2));
    }
    if (!distances.isEmpty() && random.nextInt(3) == 0) {
      double distance = distances.get(random.nextInt(distances.size()));
      request =
          request.atMost(
              switch (random.nextInt(4)) {
                case 0 -> 0;
                case 1 -> Math.max(0, Math.nextDown(distance));
                default -> distance;
              });
    }
    if (!ids.isEmpty() && random.nextInt(3) == 0) {
      List<String> excluded = new ArrayList<>(List.of("nobody"));
      for (int i = random.nextInt(random.nextInt(4) == 0 ? ids.size() : 5); i >= 0; i--) {
        excluded.add(ids.get(random.nextInt(ids.size())));
      }
      request = request.excluding(excluded);
    }
    return request;
  }

  /** A filter; the deeper, the more combined. */
  public FaceFilter filter(int depth) {
    return switch (random.nextInt(depth == 0 ? 4 : 7)) {
      case 0 -> FaceFilter.person("p" + random.nextInt(40), "p" + random.nextInt(50));
      case 1 -> FaceFilter.tag("camera", "c" + random.nextInt(4));
      case 2 -> FaceFilter.tag("year", random.nextInt(110), -0.0);
      case 3 -> {
        int from = random.nextInt(100);
        yield FaceFilter.tagBetween(
            random.nextInt(9) == 0 ? "camera" : "year",
            random.nextInt(9) == 0 ? Double.NEGATIVE_INFINITY : from,
            from + random.nextInt(30));
      }
      case 4 -> filter(depth - 1).and(filter(depth - 1));
      case 5 -> filter(depth - 1).or(filter(depth - 1));
      default -> filter(depth - 1).not();
    };
  }
}
