package io.facesearch;

import io.facesearch.internal.AtomicFile;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The distance up to which two faces count as one person, the distance beyond which they count as
 * two, and how often each verdict is wrong. A distance is not a probability, and the rates hold for
 * photos like those the threshold was calibrated on. Immutable and thread-safe.
 */
public final class DecisionThreshold {
  private final double distance;
  private final double differentBeyond;
  private final int gallerySize;
  private final double falseAcceptRate;
  private final @Nullable Rate falseAccept;
  private final @Nullable Rate falseReject;
  private final String calibratedOn;
  private final @Nullable StrangerRates strangers;

  /**
   * Creates a threshold from all of its parts.
   *
   * @param distance L2 distance, greater than 0; at most this far apart means {@link Decision#SAME}
   * @param differentBeyond L2 distance, at least {@code distance}; farther apart means {@link
   *     Decision#DIFFERENT}
   * @param gallerySize 1 if two photos are compared; n for a search among n people. In the latter
   *     case {@code falseAcceptRate} is the share of searches for strangers that find somebody
   *     within {@code distance} (false positive identification rate)
   * @param falseAcceptRate share of pairs of different people, or of searches for strangers, that
   *     are called {@link Decision#SAME}, 0 to 1
   * @param falseAccept that rate as measured, with its confidence interval; null if unknown
   * @param falseReject share of pairs of one person that are called {@link Decision#DIFFERENT};
   *     null if unknown
   * @param calibratedOn data set and number of pairs
   * @param strangers how often strangers are mistaken for somebody in a gallery, see {@link
   *     #forGallery}; null if unknown
   */
  public DecisionThreshold(
      double distance,
      double differentBeyond,
      int gallerySize,
      double falseAcceptRate,
      @Nullable Rate falseAccept,
      @Nullable Rate falseReject,
      String calibratedOn,
      @Nullable StrangerRates strangers) {
    if (!(distance > 0 && distance < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("distance must be finite and > 0, but is: " + distance);
    }
    if (!(differentBeyond >= distance && differentBeyond < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "differentBeyond must be finite and at least the distance "
              + distance
              + ", but is: "
              + differentBeyond);
    }
    if (gallerySize < 1) {
      throw new IllegalArgumentException("gallerySize must be at least 1, but is: " + gallerySize);
    }
    if (!(falseAcceptRate >= 0 && falseAcceptRate <= 1)) {
      throw new IllegalArgumentException(
          "falseAcceptRate must be between 0 and 1, but is: " + falseAcceptRate);
    }

    this.distance = distance;
    this.differentBeyond = differentBeyond;
    this.gallerySize = gallerySize;
    this.falseAcceptRate = falseAcceptRate;
    this.falseAccept = falseAccept;
    this.falseReject = falseReject;
    this.calibratedOn = Objects.requireNonNull(calibratedOn, "calibratedOn");
    this.strangers = strangers;
  }

  /** {@return the L2 distance up to which two faces are {@link Decision#SAME}, greater than 0} */
  public double distance() {
    return distance;
  }

  /**
   * {@return the L2 distance beyond which two faces are {@link Decision#DIFFERENT}, at least {@link
   * #distance}}
   */
  public double differentBeyond() {
    return differentBeyond;
  }

  /**
   * {@return 1 if two photos are compared; n for a search among n people, where {@link
   * #falseAcceptRate} is the share of searches for strangers that find somebody within {@link
   * #distance} (false positive identification rate)}
   */
  public int gallerySize() {
    return gallerySize;
  }

  /**
   * {@return the share of pairs of different people, or of searches for strangers, that are called
   * {@link Decision#SAME}, 0 to 1}
   */
  public double falseAcceptRate() {
    return falseAcceptRate;
  }

  /** {@return the {@link #falseAcceptRate} as measured, with its confidence interval, if known} */
  public Optional<Rate> falseAccept() {
    return Optional.ofNullable(falseAccept);
  }

  /**
   * {@return the share of pairs of one person that are called {@link Decision#DIFFERENT}, if known}
   */
  public Optional<Rate> falseReject() {
    return Optional.ofNullable(falseReject);
  }

  /** {@return the data set that the threshold was calibrated on, and the number of pairs} */
  public String calibratedOn() {
    return calibratedOn;
  }

  /**
   * {@return how often strangers are mistaken for somebody in a gallery, if known; see {@link
   * #forGallery}}
   */
  public Optional<StrangerRates> strangers() {
    return Optional.ofNullable(strangers);
  }

  /**
   * The threshold of a model that has not been measured: its false accept rate is 1, so nobody is
   * ever named.
   */
  public static final DecisionThreshold NOT_CALIBRATED = new DecisionThreshold(1, 1, "nothing yet");

  /** No distance of two different photos is so small. */
  private static final double NONE = 1e-6;

  /**
   * So many times as many strangers find somebody where UNSURE ends. With ten times, one known
   * photo in seven was UNSURE in a gallery of 2,000 people with a photo each.
   */
  private static final double UNSURE = 4;

  /** Far more than a threshold with all its rates takes. */
  private static final long MOST_BYTES = 1 << 20;

  /**
   * Creates a threshold without {@link StrangerRates}, which deriving a gallery's threshold would
   * need.
   *
   * @param distance L2 distance, greater than 0
   * @param differentBeyond L2 distance, at least {@code distance}
   * @param gallerySize at least 1
   * @param falseAcceptRate 0 to 1
   * @param falseAccept as measured; null if unknown
   * @param falseReject as measured; null if unknown
   * @param calibratedOn data set and number of pairs
   */
  public DecisionThreshold(
      double distance,
      double differentBeyond,
      int gallerySize,
      double falseAcceptRate,
      @Nullable Rate falseAccept,
      @Nullable Rate falseReject,
      String calibratedOn) {
    this(
        distance,
        differentBeyond,
        gallerySize,
        falseAcceptRate,
        falseAccept,
        falseReject,
        calibratedOn,
        null);
  }

  /**
   * Creates a threshold for two photos from its rate alone. It never gives {@link Decision#UNSURE}.
   *
   * @param distance L2 distance, greater than 0
   * @param falseAcceptRate 0 to 1
   * @param calibratedOn data set and number of pairs
   */
  public DecisionThreshold(double distance, double falseAcceptRate, String calibratedOn) {
    this(distance, distance, 1, falseAcceptRate, null, null, calibratedOn);
  }

  /**
   * Decides whether two faces at a distance are the same person.
   *
   * @param between L2 distance of two embeddings, 0 or more
   * @return the decision
   */
  public Decision decide(double between) {
    if (!(between >= 0)) {
      throw new IllegalArgumentException("a distance must be 0 or more, but is: " + between);
    }
    if (between <= distance) {
      return Decision.SAME;
    }
    return between > differentBeyond ? Decision.DIFFERENT : Decision.UNSURE;
  }

  /**
   * Returns a copy with the rates that deriving a gallery's threshold needs.
   *
   * @param rates measured with the same model
   * @return a copy
   */
  public DecisionThreshold withStrangers(StrangerRates rates) {
    return new DecisionThreshold(
        distance,
        differentBeyond,
        gallerySize,
        falseAcceptRate,
        falseAccept,
        falseReject,
        calibratedOn,
        Objects.requireNonNull(rates, "rates"));
  }

  /**
   * Derives the threshold for identification in a gallery. A threshold that was calibrated for a
   * gallery is used unchanged. A threshold for two photos is too lax among many people, so it is
   * replaced by the distance that keeps the wanted rate according to {@link #strangers}. Without
   * those, it is used only if its own rate times the number of people is low enough; otherwise only
   * the very same photo is {@link Decision#SAME}.
   *
   * @param gallery the people in it
   * @param rate the wanted false positive identification rate, greater than 0, less than 1
   * @return the threshold; its {@link #differentBeyond} is the distance at which four times as many
   *     strangers would be named, at most half of them
   */
  public DecisionThreshold forGallery(GalleryComposition gallery, double rate) {
    if (gallerySize > 1) {
      return this;
    }
    int people = Math.max(1, gallery.candidates());
    if (falseAcceptRate == 1) {
      return new DecisionThreshold(
          NONE, Math.max(NONE, differentBeyond), people, 1, null, null, calibratedOn);
    }
    double within = falseAcceptRate * people > rate ? NONE : distance;
    double beyond = Math.max(within, differentBeyond);
    if (strangers != null) {
      within = strangers.distanceAt(gallery, rate);
      beyond = strangers.distanceAt(gallery, Math.max(rate, Math.min(0.5, UNSURE * rate)));
    }
    return new DecisionThreshold(within, beyond, people, rate, null, null, calibratedOn, strangers);
  }

  /**
   * Writes the threshold to a Java properties file, to be kept beside an index. An existing file is
   * replaced atomically.
   *
   * @param file the file
   * @param model fingerprint of the model whose distances these are
   * @throws IOException if the file cannot be written; an existing file is then unchanged
   */
  public void save(Path file, String model) throws IOException {
    Properties values = new Properties();
    values.setProperty("model", model);
    values.setProperty("distance", Double.toString(distance));
    values.setProperty("differentBeyond", Double.toString(differentBeyond));
    values.setProperty("gallerySize", Integer.toString(gallerySize));
    values.setProperty("falseAcceptRate", Double.toString(falseAcceptRate));
    put(values, "falseAccept", falseAccept);
    put(values, "falseReject", falseReject);
    values.setProperty("calibratedOn", calibratedOn);
    for (StrangerRates.Curve curve :
        strangers == null ? List.<StrangerRates.Curve>of() : strangers.curves()) {
      StringBuilder points = new StringBuilder();
      for (StrangerRates.Point point : curve.points()) {
        points.append(point.distance()).append(':').append(point.rate()).append(' ');
      }
      values.setProperty("strangers." + curve.photos(), points.toString().trim());
    }
    StringWriter text = new StringWriter();
    values.store(text, "facesearch decision threshold");
    AtomicFile.writeString(file, text.getBuffer());
  }

  private static void put(Properties values, String name, @Nullable Rate rate) {
    if (rate != null) {
      values.setProperty(name, rate.value() + " " + rate.low() + " " + rate.high());
    }
  }

  /**
   * Reads a file written by {@link #save}.
   *
   * @param file the file
   * @param model fingerprint of the model that is in use
   * @return the threshold
   * @throws ModelMismatchException if the file belongs to another model
   * @throws FaceSearchException if the file is malformed; the message names it
   * @throws IOException if the file cannot be read
   */
  public static DecisionThreshold load(Path file, String model) throws IOException {
    long size = Files.size(file);
    if (size > MOST_BYTES) {
      throw new FaceSearchException(
          file + " is not a threshold file: it has " + size + " bytes; write it with calibrate");
    }
    Properties values = new Properties();
    try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      values.load(in);
    } catch (CharacterCodingException e) {
      throw new FaceSearchException(
          file + " is not a threshold file: it is not in UTF-8; write it with calibrate", e);
    } catch (IllegalArgumentException e) {
      throw new FaceSearchException(file + " is not a threshold file: " + e.getMessage(), e);
    }
    String of = text(values, "model", file);
    if (!of.equals(model)) {
      throw new ModelMismatchException(
          "the threshold in "
              + file
              + " was calibrated for model "
              + of
              + ", but the embedder is "
              + model
              + "; calibrate it again for this model");
    }
    try {
      return new DecisionThreshold(
          Double.parseDouble(text(values, "distance", file)),
          Double.parseDouble(text(values, "differentBeyond", file)),
          Integer.parseInt(text(values, "gallerySize", file)),
          Double.parseDouble(text(values, "falseAcceptRate", file)),
          rate(values, "falseAccept"),
          rate(values, "falseReject"),
          text(values, "calibratedOn", file),
          strangers(values));
    } catch (IllegalArgumentException e) {
      throw new FaceSearchException(file + " is a damaged threshold file: " + e.getMessage(), e);
    }
  }

  private static String text(Properties values, String name, Path file) {
    String value = values.getProperty(name);
    if (value == null) {
      throw new FaceSearchException(
          file + " is not a threshold file: '" + name + "' is missing; write it with calibrate");
    }
    return value;
  }

  private static @Nullable StrangerRates strangers(Properties values) {
    List<StrangerRates.Curve> curves = new ArrayList<>();
    for (String name : values.stringPropertyNames()) {
      if (name.matches("strangers\\.[0-9]+")) {
        List<StrangerRates.Point> points = new ArrayList<>();
        for (String point : values.getProperty(name).trim().split(" +", -1)) {
          String[] cells = point.split(":", -1);
          if (cells.length != 2) {
            throw new IllegalArgumentException(
                name + " needs points of distance:rate, but has: " + point);
          }
          points.add(
              new StrangerRates.Point(Double.parseDouble(cells[0]), Double.parseDouble(cells[1])));
        }
        curves.add(
            new StrangerRates.Curve(
                Integer.parseInt(name.substring("strangers.".length())), points));
      }
    }
    return curves.isEmpty() ? null : new StrangerRates(curves);
  }

  private static @Nullable Rate rate(Properties values, String name) {
    String value = values.getProperty(name);
    if (value == null) {
      return null;
    }
    String[] cells = value.trim().split(" ", -1);
    if (cells.length != 3) {
      throw new IllegalArgumentException(name + " needs value, low and high, but is: " + value);
    }
    return new Rate(
        Double.parseDouble(cells[0]), Double.parseDouble(cells[1]), Double.parseDouble(cells[2]));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof DecisionThreshold that
        && Double.compare(distance, that.distance) == 0
        && Double.compare(differentBeyond, that.differentBeyond) == 0
        && gallerySize == that.gallerySize
        && Double.compare(falseAcceptRate, that.falseAcceptRate) == 0
        && Objects.equals(falseAccept, that.falseAccept)
        && Objects.equals(falseReject, that.falseReject)
        && calibratedOn.equals(that.calibratedOn)
        && Objects.equals(strangers, that.strangers);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        distance,
        differentBeyond,
        gallerySize,
        falseAcceptRate,
        falseAccept,
        falseReject,
        calibratedOn,
        strangers);
  }

  @Override
  public String toString() {
    return "DecisionThreshold["
        + "distance="
        + distance
        + ", "
        + "differentBeyond="
        + differentBeyond
        + ", "
        + "gallerySize="
        + gallerySize
        + ", "
        + "falseAcceptRate="
        + falseAcceptRate
        + ", "
        + "falseAccept="
        + falseAccept
        + ", "
        + "falseReject="
        + falseReject
        + ", "
        + "calibratedOn="
        + calibratedOn
        + ", "
        + "strangers="
        + strangers
        + "]";
  }
}
