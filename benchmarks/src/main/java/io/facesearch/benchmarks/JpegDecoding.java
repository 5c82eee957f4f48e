package io.facesearch.benchmarks;

import io.facesearch.FaceImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import nu.pattern.OpenCV;
import org.opencv.core.Core;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.imgcodecs.Imgcodecs;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * {@link FaceImage#read(byte[])} against OpenCV's imdecode, both from bytes in memory to an RGB
 * byte array: {@code java -jar benchmarks/target/facesearch-benchmarks.jar JpegDecoding -p
 * folder=FOLDER}. One operation reads all photos of the folder, at most 64.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class JpegDecoding {
  @Param("photos")
  private String folder;

  private final List<byte[]> photos = new ArrayList<>();

  @Setup
  public void read() throws IOException {
    OpenCV.loadLocally();
    Core.setNumThreads(1);
    try (Stream<Path> files = Files.walk(Path.of(folder))) {
      for (Path file :
          files.filter(f -> f.toString().endsWith(".jpg")).sorted().limit(64).toList()) {
        photos.add(Files.readAllBytes(file));
      }
    }
    if (photos.isEmpty()) {
      throw new IOException(folder + " holds no .jpg; name a folder of photos by -p folder=");
    }
  }

  @Benchmark
  public long faceImage() {
    long pixels = 0;
    for (byte[] photo : photos) {
      FaceImage image = FaceImage.read(photo);
      pixels += image.rgb(0, 0) + (long) image.width() * image.height();
    }
    return pixels;
  }

  @Benchmark
  public long openCv() {
    long pixels = 0;
    for (byte[] photo : photos) {
      MatOfByte bytes = new MatOfByte(photo);
      Mat image = Imgcodecs.imdecode(bytes, Imgcodecs.IMREAD_COLOR);
      byte[] bgr = new byte[(int) (3 * image.total())];
      image.get(0, 0, bgr);
      pixels += bgr[0] + image.total();
      image.release();
      bytes.release();
    }
    return pixels;
  }
}
