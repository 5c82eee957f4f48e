package io.facesearch;

import io.facesearch.internal.image.ImageDecoder;
import io.facesearch.internal.image.XmpRegions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names of people stored in a photo itself: face regions in its XMP data, as digiKam, Lightroom
 * and others write them into JPEG files (Metadata Working Group, {@code mwg-rs:Regions}; otherwise
 * Microsoft's {@code MP:RegionInfo}). Immutable and thread-safe.
 *
 * <p>Files may come from untrusted sources: at most 64 KiB of XML is read, DTDs are not, and
 * nothing is fetched. Errors in the data are reported by {@link #fault} and never make a photo
 * unreadable. Like all names of people, these must be one line of text.
 *
 * <pre>{@code
 * Gallery.builder().folder(folder).namesFromPhotos(true)
 * }</pre>
 */
public final class PhotoPeople {
  /** The value for a photo without names. */
  static final PhotoPeople NOBODY = new PhotoPeople(List.of(), 0, null);

  /** Regions lie in the head of a file: metadata are in segments of 64 KiB. */
  private static final int HEAD = 1 << 18;

  /** Programs draw regions from the eyes to the chin, or around the whole head. */
  private static final double LEAST_OVERLAP = 0.1;

  /** Programs round when they scale a photo. */
  private static final double SAME_SHAPE = 0.02;

  /**
   * A face with a name.
   *
   * @param name of the person
   * @param x of the center, as a share of the width of the upright photo
   * @param y of the center, as a share of the height
   * @param width as a share of the width
   * @param height as a share of the height
   */
  public record Region(String name, double x, double y, double width, double height) {
    private BoundingBox box(int photoWidth, int photoHeight) {
      return new BoundingBox(
          (x - width / 2) * photoWidth,
          (y - height / 2) * photoHeight,
          width * photoWidth,
          height * photoHeight);
    }
  }

  private final List<Region> regions;

  /** Of width to height of what they were drawn on, upright or not; 0 if it is not told. */
  private final double ratio;

  private final @Nullable String fault;

  private PhotoPeople(List<Region> regions, double ratio, @Nullable String fault) {
    this.regions = List.copyOf(regions);
    this.ratio = ratio;
    this.fault = fault;
  }

  /**
   * Reads the names stored in a photo.
   *
   * @param encoded the bytes of a photo file, or its first 256 KiB; not changed
   * @return the regions; none if the photo is not a JPEG file or has no names
   */
  public static PhotoPeople of(byte[] encoded) {
    XmpRegions.Found found = XmpRegions.find(Objects.requireNonNull(encoded, "encoded"));
    String fault = found.fault();
    List<Region> sound = new ArrayList<>();
    for (XmpRegions.Region r : found.regions()) {
      try {
        sound.add(new Region(PersonName.check(r.name()), r.x(), r.y(), r.width(), r.height()));
      } catch (IllegalArgumentException e) {
        fault = "its XMP data has an invalid name: " + e.getMessage();
      }
    }
    Set<String> once = new HashSet<>();
    Set<String> twice = new HashSet<>();
    sound.forEach(region -> (once.add(region.name()) ? once : twice).add(region.name()));
    if (sound.removeIf(region -> twice.contains(region.name()))) {
      fault = "its XMP data give several faces of it the same name";
    }
    return sound.isEmpty() && fault == null ? NOBODY : new PhotoPeople(sound, found.ratio(), fault);
  }

  /**
   * Reads the names stored in a photo file, without decoding its pixels.
   *
   * @param file a file of any format
   * @return the regions
   * @throws IOException if it cannot be read
   */
  public static PhotoPeople of(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return of(in.readNBytes(HEAD));
    }
  }

  /** {@return the faces with a name; no name occurs twice} */
  public List<Region> regions() {
    return regions;
  }

  /** {@return why names were ignored, without the names themselves; empty if none were} */
  public Optional<String> fault() {
    return Optional.ofNullable(fault);
  }

  /**
   * Returns the regions if they fit the photo. If the photo was cropped after they were stored,
   * they would be in the wrong places, so the result then has no names.
   *
   * @param width of the upright photo, pixels
   * @param height of the upright photo, pixels
   * @return this, or one with a fault instead of names
   */
  public PhotoPeople fitting(int width, int height) {
    double own = (double) width / height;
    boolean fits = isNear(own, ratio) || isNear(1 / own, ratio);
    return ratio == 0 || regions.isEmpty() || fits
        ? this
        : new PhotoPeople(
            List.of(), 0, "its XMP data name faces of a photo of another shape; it was cut since");
  }

  private static boolean isNear(double one, double other) {
    return Math.abs(one / other - 1) <= SAME_SHAPE;
  }

  /**
   * Matches faces with names. A region matches a face if the center of each lies in the other, and
   * they overlap by at least 0.1 (intersection over union). Pairs that overlap most are matched
   * first. A face that two names claim gets none, and neither does any face of a photo that was
   * cropped since ({@link #fitting}).
   *
   * @param faces found in the photo
   * @param width of the upright photo, pixels
   * @param height of the upright photo, pixels
   * @return one name per face, in the same order; null for a face without one
   */
  public List<@Nullable String> namesOf(List<BoundingBox> faces, int width, int height) {
    @Nullable String[] names = new @Nullable String[faces.size()];
    if (fitting(width, height) != this) {
      return Collections.unmodifiableList(Arrays.asList(names));
    }
    record Pair(int face, Region region, double overlap) {}
    List<Pair> pairs = new ArrayList<>();
    for (Region region : regions) {
      BoundingBox box = region.box(width, height);
      for (int i = 0; i < faces.size(); i++) {
        double overlap = box.iou(faces.get(i));
        if (overlap >= LEAST_OVERLAP && centered(box, faces.get(i))) {
          pairs.add(new Pair(i, region, overlap));
        }
      }
    }
    pairs.sort(Comparator.comparingDouble(pair -> -pair.overlap));
    Set<Region> taken = new HashSet<>();
    for (Pair pair : pairs) {
      if (names[pair.face] == null && taken.add(pair.region)) {
        names[pair.face] = pair.region.name();
      }
    }
    for (Pair pair : pairs) {
      if (!taken.contains(pair.region)) {
        names[pair.face] = null; // another name claims it, and has no other face
      }
    }
    return Collections.unmodifiableList(Arrays.asList(names));
  }

  private static boolean centered(BoundingBox a, BoundingBox b) {
    return contains(a, b.centerX(), b.centerY()) && contains(b, a.centerX(), a.centerY());
  }

  private static boolean contains(BoundingBox box, double x, double y) {
    return x >= box.x() && x <= box.right() && y >= box.y() && y <= box.bottom();
  }

  /**
   * Creates the content of an XMP sidecar file ({@code photo.xmp} beside {@code photo.jpg}) with
   * the names of faces, which digiKam, Lightroom and others read. The photo itself is not changed,
   * and its pixels are not decoded.
   *
   * @param encoded the bytes of the photo file; not changed
   * @param source the name of the photo in messages
   * @param faces of the photo, with boxes; those without a name or a box are left out
   * @return the text of the file in UTF-8; empty if no face has a name and a box
   * @throws ImageFormatException if the photo is not a readable image
   */
  public static Optional<byte[]> sidecar(
      byte[] encoded, String source, Collection<FaceRecord> faces) {
    List<FaceRecord> named =
        faces.stream().filter(face -> face.person().isPresent() && face.box().isPresent()).toList();
    if (named.isEmpty()) {
      return Optional.empty();
    }
    ImageDecoder.Frame frame = FaceImageReader.DEFAULT.frame(encoded, source);
    List<XmpRegions.Region> written = new ArrayList<>();
    for (FaceRecord face : named) {
      BoundingBox box = face.box().orElseThrow();
      double width = frame.uprightWidth();
      double height = frame.uprightHeight();
      written.add(
          new XmpRegions.Region(
              face.person().orElseThrow(),
              box.centerX() / width,
              box.centerY() / height,
              box.width() / width,
              box.height() / height));
    }
    return Optional.of(XmpRegions.write(written, frame).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "PhotoPeople[" + regions.size() + " names]"; // which are nobody's business in a log
  }
}
