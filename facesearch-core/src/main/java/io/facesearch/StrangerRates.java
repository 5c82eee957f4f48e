package io.facesearch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How often a model mistakes a stranger for a person in a gallery, which determines up to which
 * distance a face may get a name there. The probe is compared with the mean of a person's unit
 * vectors, normalized to unit length; see {@link PersonMatch#distance()}. Immutable and
 * thread-safe.
 *
 * <p>The rate of one comparison is given for people with certain numbers of photos, at certain
 * distances. Between two distances, its logarithm is interpolated linearly in the squared distance.
 * Below the least distance it is extrapolated with the last slope, which overestimates the rate if
 * the logarithm falls ever faster, as that of a normal distribution does. The rate grows with the
 * number of photos, because their mean becomes more like a typical face; its logarithm is linear in
 * the inverse of that number, also beyond the greatest number given.
 *
 * @param curves the curves, at least one, for different numbers of photos
 */
public record StrangerRates(List<Curve> curves) {
  private static final double MOST_DISTANCE = 2;

  /**
   * The rate at one distance.
   *
   * @param distance L2 distance of unit vectors, greater than 0, at most 2
   * @param rate the share of strangers who are this near to one person, greater than 0, at most 1
   */
  public record Point(double distance, double rate) {
    /** Checks the ranges. */
    public Point {
      if (!(distance > 0 && distance <= MOST_DISTANCE)) {
        throw new IllegalArgumentException(
            "distance must be greater than 0 and at most 2, but is: " + distance);
      }
      if (!(rate > 0 && rate <= 1)) {
        throw new IllegalArgumentException(
            "rate must be greater than 0 and at most 1, but is: " + rate);
      }
    }
  }

  /**
   * The rates for people with a certain number of photos.
   *
   * @param photos of the person, at least 1
   * @param points at least two, in order of distance, with increasing rates
   */
  public record Curve(int photos, List<Point> points) {
    /** Checks the order, and copies the points. */
    public Curve {
      if (photos < 1) {
        throw new IllegalArgumentException("photos must be at least 1, but is: " + photos);
      }
      points = List.copyOf(points);
      if (points.size() < 2) {
        throw new IllegalArgumentException(
            "a curve needs at least 2 points, but has: " + points.size());
      }
      for (int i = 1; i < points.size(); i++) {
        Point before = points.get(i - 1);
        Point point = points.get(i);
        if (!(point.distance > before.distance && point.rate > before.rate)) {
          throw new IllegalArgumentException(
              "distances and rates must grow from point to point, but "
                  + point
                  + " is after "
                  + before);
        }
      }
    }

    /**
     * Creates a curve from two rows of a table.
     *
     * @param photos of the person, at least 1
     * @param rates in increasing order
     * @param distances one per rate, in increasing order
     * @return the curve
     */
    public static Curve of(int photos, double[] rates, double... distances) {
      if (rates.length != distances.length) {
        throw new IllegalArgumentException(
            "there must be a distance for each rate, but there are "
                + distances.length
                + " for "
                + rates.length);
      }
      List<Point> points = new ArrayList<>();
      for (int i = 0; i < rates.length; i++) {
        points.add(new Point(distances[i], rates[i]));
      }
      return new Curve(photos, points);
    }

    private double logRate(double distance) {
      int i = 1;
      while (i < points.size() - 1 && points.get(i).distance < distance) {
        i++;
      }
      Point from = points.get(i - 1);
      Point to = points.get(i);
      double low = from.distance * from.distance;
      double share = (distance * distance - low) / (to.distance * to.distance - low);
      double log = Math.log(from.rate) + share * (Math.log(to.rate) - Math.log(from.rate));
      return Math.min(0, log);
    }
  }

  /** Sorts the curves. */
  public StrangerRates {
    List<Curve> sorted = new ArrayList<>(curves);
    sorted.sort(Comparator.comparingInt(Curve::photos));
    if (sorted.isEmpty()) {
      throw new IllegalArgumentException("curves must have at least one, but is empty");
    }
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).photos == sorted.get(i - 1).photos) {
        throw new IllegalArgumentException(
            "there must be one curve for a number of photos, but there are two for "
                + sorted.get(i).photos);
      }
    }
    curves = List.copyOf(sorted);
  }

  /**
   * Returns how often a stranger is within a distance of one person.
   *
   * @param photos of the person, at least 1
   * @param distance 0 to 2
   * @return the rate, 0 to 1
   */
  public double falseMatchRate(int photos, double distance) {
    if (photos < 1) {
      throw new IllegalArgumentException("photos must be at least 1, but is: " + photos);
    }
    if (!(distance >= 0)) {
      throw new IllegalArgumentException("a distance must be 0 or more, but is: " + distance);
    }
    if (curves.size() == 1) {
      return Math.exp(curves.get(0).logRate(distance));
    }
    int i = 1;
    while (i < curves.size() - 1 && curves.get(i).photos < photos) {
      i++;
    }
    Curve fewer = curves.get(i - 1);
    Curve more = curves.get(i);
    double share =
        Math.max(0, (1.0 / fewer.photos - 1.0 / photos) / (1.0 / fewer.photos - 1.0 / more.photos));
    double log = fewer.logRate(distance);
    return Math.exp(Math.min(0, log + share * (more.logRate(distance) - log)));
  }

  /**
   * Returns how often a stranger is within a distance of anybody in a gallery: the false positive
   * identification rate (FPIR).
   *
   * @param gallery the people in it
   * @param distance 0 to 2
   * @return the rate, 0 to 1
   */
  public double falsePositiveIdentificationRate(GalleryComposition gallery, double distance) {
    Objects.requireNonNull(gallery, "gallery");
    double expected = gallery.nameless() * falseMatchRate(1, distance);
    for (Map.Entry<Integer, Integer> people : gallery.peopleByPhotos().entrySet()) {
      expected += people.getValue() * falseMatchRate(people.getKey(), distance);
    }
    return -Math.expm1(-expected);
  }

  /**
   * Returns the distance up to which a face may get a name in a gallery.
   *
   * @param gallery the people in it
   * @param rate the wanted false positive identification rate, greater than 0, less than 1
   * @return the greatest distance that keeps the rate, greater than 0, at most 2
   */
  public double distanceAt(GalleryComposition gallery, double rate) {
    if (!(rate > 0 && rate < 1)) {
      throw new IllegalArgumentException(
          "rate must be greater than 0 and less than 1, but is: " + rate);
    }
    double low = Double.MIN_NORMAL;
    double high = MOST_DISTANCE;
    if (falsePositiveIdentificationRate(gallery, high) <= rate) {
      return high;
    }
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      if (falsePositiveIdentificationRate(gallery, middle) <= rate) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
