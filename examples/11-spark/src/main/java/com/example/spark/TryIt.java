package com.example.spark;

import io.facesearch.FaceImage;
import io.facesearch.Gallery;
import io.facesearch.IdentifiedFace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** Both steps in this JVM, and a search: {@code TryIt PHOTOS PHOTO}. */
public final class TryIt {
  private TryIt() {}

  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("faces");
    String rows = folder.resolve("rows").toString();
    try (SparkSession spark = SparkSession.builder().master("local[*]").getOrCreate();
        Gallery gallery = Gallery.open(folder.resolve("gallery"))) {
      spark.sparkContext().setLogLevel("WARN");
      System.out.println(new EmbedPhotos(spark).run(rows, List.of(args[0])));
      System.out.println(LoadGallery.load(spark, rows, gallery) + " faces");
      for (IdentifiedFace face : gallery.identify(FaceImage.read(Path.of(args[1])))) {
        System.out.println(face.box() + ": " + face);
      }
    }
  }
}
