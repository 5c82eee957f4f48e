package io.facesearch.detect;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.FaceDetector;
import io.facesearch.FaceImage;
import io.facesearch.NativeRuntimeException;
import io.facesearch.internal.NativePool;
import io.facesearch.internal.Ranges;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The YuNet network (0.2 MB) on ONNX Runtime: box, score and five landmarks of each face.
 *
 * <p>YuNet is good at faces of about 20 to 350 pixels, so large photos are processed in several
 * sizes. By default it finds faces from 2 % of the photo's longer side (but at least 20 pixels) up
 * to faces that fill the photo. Scores are 0 to 1; a clear upright face has about 0.93.
 *
 * <p>If no face is found, the photo is also tried turned by 90, 180 and 270 degrees. If the best
 * face scores less than 0.93, only that face is tried turned. If it scores higher in another
 * orientation, the faces in that orientation are returned, with that {@link DetectedFace#turn()}.
 * So faces in photos that lie on their side or upside down are found without EXIF data.
 *
 * <p>Thread-safe: at most {@code poolSize} photos are processed at once, each on one thread. Time
 * grows with the photo up to about 1.6 megapixels; larger photos take as long as that, plus the
 * time to scale them down. It is four times as long if there is no face, and slightly longer if the
 * best face scores less than 0.93, which takes one to four more pictures of 64x64 pixels (rarely
 * four of 128x128). Native memory grows in the same way. {@link #close} frees it.
 *
 * @see <a href="https://doi.org/10.1007/s11633-023-1423-y">Wu, Peng and Yu, YuNet: a tiny
 *     millisecond-level face detector, Machine Intelligence Research 2023</a>
 */
public final class YuNetDetector implements FaceDetector {
  /** At most so many pixels are looked at as they are; a larger photo is shrunk to the second. */
  private static final double MOST_PIXELS = 1.6e6;

  private static final double SHRUNK_PIXELS = 1.1e6;

  /** A shorter side beyond this may hold a face too large to be seen well. */
  private static final int LARGE = 448;

  /** To this the shorter side is shrunk to see large faces. */
  private static final int COARSE = 352;

  /** Photos up to so many pixels are doubled to find small faces. */
  private static final double DOUBLED = 2e6;

  /** Side of the tiles that an enlarged photo is looked at in, and how far they overlap. */
  private static final int TILE = 1024;

  private static final int TILE_OVERLAP = 128;

  /** A face as sure as this is upright: turned by 180 degrees most have about 0.82, few 0.91. */
  private static final double UPRIGHT = 0.93;

  /** By how much a turned face must be surer. */
  private static final double SURER = 0.015;

  /** The picture of one face that tells how it stands: its side in sides of the face's box. */
  private static final double PROBE_SQUARE = 1.8;

  /** Its side in pixels where it must tell for certain. */
  private static final int PROBE = 128;

  /**
   * Its side in pixels for the first look, at a quarter of the cost. It tells more than the larger
   * picture where the answer is clear: a face on its head has about 0.5 there, upright 0.91.
   */
  private static final int GLANCE = 64;

  /** A face as sure as this at the first look is upright: of 1,232 turned ones one was. */
  private static final double GLANCE_UPRIGHT = 0.88;

  /** So is one that is surer than in all other orientations by this. */
  private static final double GLANCE_SURER = 0.15;

  /** Below this it does not matter how little a picture looks like a face. */
  private static final double PROBE_SCORE = 0.3;

  private static final String MODEL = "yunet.onnx";

  private final double minScore;
  private final double overlap;
  private final boolean smallFaces;
  private final boolean turned;
  private final int modelHash;
  private final OrtSession session;
  private final NativePool<YuNet> pool;
  private boolean closed;

  private YuNetDetector(Builder b) {
    minScore = b.minScore;
    overlap = b.overlap;
    smallFaces = b.smallFaces;
    turned = b.turned;
    byte[] model = Resources.read(MODEL);
    modelHash = Arrays.hashCode(model);
    session = YuNet.open(model);
    pool = new NativePool<>("YuNetDetector", b.poolSize, () -> new YuNet(session));
  }

  /**
   * Opens a detector with the default settings.
   *
   * @return a detector; the caller closes it
   * @throws NativeRuntimeException if ONNX Runtime does not load
   */
  public static YuNetDetector create() {
    return builder().build();
  }

  /** {@return a builder with the defaults} */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public List<DetectedFace> detect(FaceImage image) {
    return pool.use(net -> detect(net, image));
  }

  private List<DetectedFace> detect(YuNet net, FaceImage image) {
    List<DetectedFace> upright = find(net, image);
    if (!turned || best(upright) >= UPRIGHT) {
      return upright;
    }
    // Turned is what is looked at.
    FaceImage seen = smallFaces ? image : fine(image);
    int turn = 0;
    List<DetectedFace> answer = upright;
    if (upright.isEmpty()) {
      for (int t = 90; t < 360; t += 90) {
        List<DetectedFace> faces = find(net, FaceBoxes.turned(seen, t));
        if (best(faces) > best(answer)) {
          turn = t;
          answer = faces;
        }
      }
    } else {
      turn = probe(net, image, upright.get(0).box());
      answer = turn == 0 ? upright : find(net, FaceBoxes.turned(seen, turn));
    }
    if (turn == 0 || answer.isEmpty()) {
      return upright;
    }
    List<DetectedFace> back = new ArrayList<>();
    for (DetectedFace face : answer) {
      back.add(FaceBoxes.turnedBack(face, turn, seen));
    }
    List<DetectedFace> placed = new ArrayList<>();
    add(back, image, seen, placed);
    return List.copyOf(placed);
  }

  /** In which orientation the surroundings of a face look most like a face. */
  private int probe(YuNet net, FaceImage image, BoundingBox face) {
    FaceImage glance = surroundings(image, face, GLANCE);
    double upright = score(net, glance, 0);
    if (upright >= GLANCE_UPRIGHT || upright - bestTurned(net, glance) >= GLANCE_SURER) {
      return 0;
    }
    FaceImage crop = surroundings(image, face, PROBE);
    double bound = score(net, crop, 0) + SURER;
    int turn = 0;
    for (int t = 90; t < 360; t += 90) {
      double score = score(net, crop, t);
      if (score > bound) {
        bound = score;
        turn = t;
      }
    }
    return turn;
  }

  private static FaceImage surroundings(FaceImage image, BoundingBox face, int side) {
    BoundingBox square = face.square(PROBE_SQUARE);
    double[] map =
        ImageWarp.crop(square.x(), square.y(), square.width(), square.height(), side, side);
    return ImageWarp.toImage(image, map, side, side);
  }

  private static double bestTurned(YuNet net, FaceImage crop) {
    double best = 0;
    for (int t = 90; t < 360; t += 90) {
      best = Math.max(best, score(net, crop, t));
    }
    return best;
  }

  /** Of the surest face of a picture that is turned first; 0 without any. */
  private static double score(YuNet net, FaceImage crop, int turn) {
    FaceImage turned = turn == 0 ? crop : FaceBoxes.turned(crop, turn);
    double best = 0;
    for (DetectedFace face : net.run(turned, PROBE_SCORE)) {
      best = Math.max(best, face.score());
    }
    return best;
  }

  private static double best(List<DetectedFace> faces) {
    return faces.isEmpty() ? 0 : faces.get(0).score();
  }

  /** The faces of all sizes in one orientation. */
  @SuppressWarnings("ReferenceEquality") // whether it was scaled
  private List<DetectedFace> find(YuNet net, FaceImage image) {
    List<DetectedFace> faces = new ArrayList<>();
    FaceImage fine = fine(image);
    add(net.run(fine, minScore), image, fine, faces);
    if (Math.min(fine.width(), fine.height()) > LARGE) {
      FaceImage coarse = coarse(fine);
      add(net.run(coarse, minScore), image, coarse, faces);
    }
    if (smallFaces) {
      if (fine != image) {
        tiles(net, image, image, faces);
      }
      if ((double) image.width() * image.height() <= DOUBLED) {
        FaceImage doubled = ImageScale.bilinear(image, 2 * image.width(), 2 * image.height());
        tiles(net, doubled, image, faces);
      }
    }
    return FaceBoxes.suppress(faces, overlap);
  }

  private static FaceImage fine(FaceImage image) {
    double pixels = (double) image.width() * image.height();
    return pixels <= MOST_PIXELS ? image : shrunk(image, Math.sqrt(SHRUNK_PIXELS / pixels));
  }

  private static FaceImage coarse(FaceImage image) {
    int shorter = Math.min(image.width(), image.height());
    FaceImage coarse = shorter <= LARGE ? image : shrunk(image, (double) COARSE / shorter);
    return fine(coarse);
  }

  private static FaceImage shrunk(FaceImage image, double scale) {
    return ImageScale.area(
        scale <= 0.5 ? image.half().orElse(image) : image,
        (int) Math.max(1, Math.round(scale * image.width())),
        (int) Math.max(1, Math.round(scale * image.height())));
  }

  @SuppressWarnings("ReferenceEquality") // whether it was scaled
  private static void add(
      List<DetectedFace> found, FaceImage photo, FaceImage level, List<DetectedFace> faces) {
    if (level == photo) {
      faces.addAll(found);
      return;
    }
    double scaleX = (double) photo.width() / level.width();
    double scaleY = (double) photo.height() / level.height();
    for (DetectedFace face : found) {
      faces.add(FaceBoxes.placed(face, scaleX, scaleY, 0, 0));
    }
  }

  /**
   * Looks at an image tile by tile. Faces larger than the overlap of the tiles are not taken: the
   * smaller sizes of the photo show them whole.
   */
  private void tiles(YuNet net, FaceImage level, FaceImage photo, List<DetectedFace> faces) {
    double scaleX = (double) photo.width() / level.width();
    double scaleY = (double) photo.height() / level.height();
    int step = TILE - TILE_OVERLAP;
    for (int top = 0; top == 0 || top + TILE_OVERLAP < level.height(); top += step) {
      int h = Math.min(TILE, level.height() - top);
      for (int left = 0; left == 0 || left + TILE_OVERLAP < level.width(); left += step) {
        int w = Math.min(TILE, level.width() - left);
        FaceImage tile = level.part(left, top, w, h);
        for (DetectedFace face : net.run(tile, minScore)) {
          boolean whole =
              (left == 0 || face.box().x() > 1)
                  && (top == 0 || face.box().y() > 1)
                  && (left + w == level.width() || face.box().right() < w - 1)
                  && (top + h == level.height() || face.box().bottom() < h - 1);
          if (whole && Math.max(face.box().width(), face.box().height()) <= TILE_OVERLAP) {
            faces.add(FaceBoxes.placed(face, scaleX, scaleY, left, top));
          }
        }
      }
    }
  }

  @Override
  public int landmarks() {
    return 5;
  }

  @Override
  public Optional<String> configuration() {
    return Optional.of(
        "yunet v2 #"
            + Integer.toHexString(modelHash)
            + " minScore="
            + minScore
            + " overlap="
            + overlap
            + " smallFaces="
            + smallFaces
            + " turned="
            + turned);
  }

  @Override
  public synchronized void close() {
    pool.close();
    if (!closed) {
      closed = true;
      try {
        session.close();
      } catch (OrtException e) {
        throw new NativeRuntimeException("ONNX Runtime cannot close YuNet", e);
      }
    }
  }

  /** Settings of a {@link YuNetDetector}. Not thread-safe. */
  public static final class Builder {
    private double minScore = 0.75;
    private double overlap = 0.3;
    private boolean smallFaces;
    private boolean turned = true;
    private int poolSize = Runtime.getRuntime().availableProcessors();

    private Builder() {}

    /**
     * Sets the score below which faces are dropped; default 0.75. A lower one finds more small and
     * partly hidden faces, but also more false ones.
     *
     * @param value 0.1 to 1
     * @return this
     */
    public Builder minScore(double value) {
      minScore = Ranges.check("minScore", value, 0.1, 1);
      return this;
    }

    /**
     * Sets the intersection over union above which two boxes count as one face, of which only the
     * box with the higher score is kept; default 0.3.
     *
     * @param value 0 to 1
     * @return this
     */
    public Builder overlap(double value) {
      overlap = Ranges.check("overlap", value, 0, 1);
      return this;
    }

    /**
     * Sets whether faces of 20 pixels and more are found in photos of any size; default false.
     * Photos of up to two megapixels are also processed at double size, which finds some faces
     * below 20 pixels. It takes several times as long, and gives more false boxes.
     *
     * @param value true to find them
     * @return this
     */
    public Builder smallFaces(boolean value) {
      smallFaces = value;
      return this;
    }

    /**
     * Sets whether a photo without a clear upright face is also tried in other orientations;
     * default true.
     *
     * @param value false to try photos only as they are
     * @return this
     */
    public Builder turned(boolean value) {
      turned = value;
      return this;
    }

    /**
     * Sets how many photos are processed at once; default the number of cores.
     *
     * @param value 1 to 1,024
     * @return this
     */
    public Builder poolSize(int value) {
      poolSize = (int) Ranges.check("poolSize", value, 1, 1024);
      return this;
    }

    /**
     * Opens the detector.
     *
     * @return a detector; the caller closes it
     * @throws NativeRuntimeException if ONNX Runtime does not load
     */
    public YuNetDetector build() {
      return new YuNetDetector(this);
    }
  }
}
