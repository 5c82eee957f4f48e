package io.facesearch.eval;

import io.facesearch.FaceQuality;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Measures whether rejecting photos of low quality lowers the error rate: pairs of one person are
 * dropped in order of the quality of their worse photo, and the false reject rate of the rest is
 * measured at a fixed threshold. Stateless.
 *
 * @see <a href="https://doi.org/10.1109/TPAMI.2007.1019">Grother and Tabassi, Performance of
 *     biometric quality measures, PAMI 2007</a>
 */
public final class ErrorVersusReject {
  private ErrorVersusReject() {}

  /**
   * A pair of photos of one person.
   *
   * @param distance L2 distance
   * @param first quality of the first photo
   * @param second quality of the second photo
   */
  public record QualityPair(double distance, FaceQuality first, FaceQuality second) {
    double score(FaceQuality.@Nullable Reason reason) {
      return Math.min(score(first, reason), score(second, reason));
    }

    private static double score(FaceQuality quality, FaceQuality.@Nullable Reason reason) {
      return quality.measures().stream()
          .filter(m -> reason == null || m.reason() == reason)
          .mapToDouble(FaceQuality.Measure::score)
          .min()
          .orElse(1);
    }
  }

  /**
   * A point of the curve.
   *
   * @param rejected share of pairs that were dropped
   * @param falseRejectRate false reject rate of the rest
   */
  public record Point(double rejected, double falseRejectRate) {}

  /**
   * Computes the curve.
   *
   * @param pairs pairs of one person
   * @param threshold L2 distance up to which a pair is accepted
   * @param reason the one measure to reject by; null for {@link FaceQuality#score()}
   * @param shares of pairs to drop, each 0 or more and less than 1
   * @return one point per share
   */
  public static List<Point> curve(
      List<QualityPair> pairs,
      double threshold,
      FaceQuality.@Nullable Reason reason,
      List<Double> shares) {
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException("an error-versus-reject curve needs pairs, but got none");
    }
    List<QualityPair> sorted =
        pairs.stream()
            .sorted(Comparator.comparingDouble((QualityPair p) -> p.score(reason)))
            .toList();
    List<Point> points = new ArrayList<>();
    for (double share : shares) {
      if (!(share >= 0 && share < 1)) {
        throw new IllegalArgumentException(
            "a share to reject must be 0 or more and less than 1, but is: " + share);
      }
      List<QualityPair> rest = sorted.subList((int) (share * sorted.size()), sorted.size());
      long wrong = rest.stream().filter(p -> p.distance() > threshold).count();
      points.add(new Point(share, (double) wrong / rest.size()));
    }
    return points;
  }
}
