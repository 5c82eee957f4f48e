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
 * The people that a photo itself names: face regions in its XMP data, as digiKam, Lightroom and
 * others write them into JPEG files (Metadata Working Group, {@code mwg-rs:Regions}; where there
 * are none, Microsoft's {@code MP:RegionInfo}). Immutable and thread-safe.
 *
 * <p>Files may come from strangers: at most 64 KiB of XML are read, no DTD is, and nothing is
 * fetched. Whatever is wrong with them is told by {@link #fault}, and never makes a photo
 * unreadable. Names must be as all names of people: one line of text.
 *
 * <pre>{@code
 * Gallery.builder().folder(folder).namesFromPhotos(true)
 * }</pre>
 */
public final class PhotoPeople {
  /** Of a photo that names nobody. */
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
   * @param x of its center, as a share of the width of the upright photo
   * @param y of its center, as a share of its height
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
   * Reads whom a photo names.
   *
   * @param encoded the bytes of a photo file, or its first 256 KiB; not changed
   * @return its regions; none of a photo that is no JPEG file, or names nobody
   */
  public static PhotoPeople of(byte[] encoded) {
    XmpRegions.Found found = XmpRegions.find(Objects.requireNonNull(encoded, "encoded"));
    String fault = found.fault();
    List<Region> sound = new ArrayList<>();
    for (XmpRegions.Region r : found.regions()) {
      try {
        sound.add(new Region(PersonName.check(r.name()), r.x(), r.y(), r.width(), r.height()));
      } catch (IllegalArgumentException e) {
        fault = "its XMP data have a name that is none: " + e.getMessage();
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
   * Reads whom a photo file names, without its pixels.
   *
   * @param file of any format
   * @return its regions
   * @throws IOException if it cannot be read
   */
  public static PhotoPeople of(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return of(in.readNBytes(HEAD));
    }
  }

  /** {@return the faces with a name; no name is there twice} */
  public List<Region> regions() {
    return regions;
  }

  /** {@return why names were ignored, without the names; empty if none was} */
  public Optional<String> fault() {
    return Optional.ofNullable(fault);
  }

  /**
   * The same, but without names if the photo was cut after they were given to its faces: they would
   * be those of others who stand there now.
   *
   * @param width of the upright photo, pixels
   * @param height of the upright photo, pixels
   * @return this, or one without names and with a fault
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
   * Finds the names of faces: a region names a face if the center of each lies in the other, and
   * they overlap by a tenth (intersection over union). Those that overlap most are paired first; a
   * face that two names claim gets none, as does each of a photo that was cut since ({@link
   * #fitting}).
   *
   * @param faces found in the photo
   * @param width of the upright photo, pixels
   * @param height of the upright photo, pixels
   * @return for each face its name, or null
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
   * Writes the names of faces as a sidecar file of their photo, which digiKam, Lightroom and others
   * read: {@code photo.xmp} beside {@code photo.jpg}. The photo itself is not changed. Costs
   * reading the head of the photo; its pixels are not decoded.
   *
   * @param encoded the bytes of the photo file; not changed
   * @param source what messages call it
   * @param faces of the photo, with boxes; those without a name or a box are left out
   * @return the text of the file in UTF-8; empty if no face has a name and a box
   * @throws ImageFormatException if it is not a readable image
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
