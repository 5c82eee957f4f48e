package com.example.spark;

import io.facesearch.EmbeddedFace;
import io.facesearch.Gallery;
import io.facesearch.GalleryBuilder;
import io.facesearch.IndexingReport;
import io.facesearch.solr.SolrStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The second step: brings the rows of {@link EmbedPhotos} into a gallery, person by person, as
 * which face of a photo is the person's is decided by the other photos. Spark sorts the rows; the
 * driver adds them. It can be repeated, and adds what is missing.
 */
public final class LoadGallery {
  /** So many faces and the rest of a person are added at once. */
  private static final int BATCH = 2_000;

  private LoadGallery() {}

  /**
   * {@code LoadGallery ROWS FOLDER}, or {@code LoadGallery ROWS COLLECTION http://SOLR...} for a
   * gallery on SolrCloud.
   */
  public static void main(String[] args) throws IOException {
    if (args.length < 2) {
      throw new IllegalArgumentException("usage: LoadGallery ROWS FOLDER|COLLECTION SOLR...");
    }
    GalleryBuilder builder = Gallery.builder();
    if (args.length == 2) {
      builder.folder(Path.of(args[1]));
    } else {
      String[] nodes = Arrays.copyOfRange(args, 2, args.length);
      builder.storage(SolrStorage.builder(args[1], nodes).open());
    }
    try (SparkSession spark = SparkSession.builder().appName("load gallery").getOrCreate();
        Gallery gallery = builder.open()) {
      System.out.println(
          load(spark, args[0], gallery) + " faces added, " + gallery.size() + " in all");
    }
  }

  /**
   * Adds the faces of the rows to a gallery.
   *
   * @param rows the folder of the Parquet files
   * @param gallery of the same model
   * @return how many were added; those that it had are passed over
   */
  static long load(SparkSession spark, String rows, Gallery gallery) {
    Iterator<Row> sorted =
        spark
            .read()
            .schema(FaceRows.SCHEMA)
            .parquet(rows)
            .where("vector IS NOT NULL")
            .orderBy("person", "photo", "face")
            .toLocalIterator();
    long added = 0;
    List<EmbeddedFace> batch = new ArrayList<>();
    String last = null;
    while (sorted.hasNext()) {
      EmbeddedFace face = FaceRows.face(sorted.next());
      String group = face.face().photoOf().or(face.face()::source).orElseThrow();
      if (batch.size() >= BATCH && !Objects.equals(group, last)) {
        added += add(gallery, batch);
      }
      batch.add(face);
      last = group;
    }
    return added + add(gallery, batch);
  }

  private static long add(Gallery gallery, List<EmbeddedFace> batch) {
    IndexingReport report = gallery.addEmbedded(batch);
    batch.clear();
    return report.faces();
  }
}
