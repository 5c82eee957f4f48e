package com.example.spark;

import io.facesearch.EmbeddedFace;
import io.facesearch.Gallery;
import io.facesearch.GalleryBuilder;
import io.facesearch.IndexingReport;
import io.facesearch.solr.SolrStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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

  private static final String SOLR = "solr:";

  private LoadGallery() {}

  /** {@code LoadGallery ROWS GALLERY}. */
  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      throw new IllegalArgumentException(
          "usage: LoadGallery ROWS FOLDER|solr:COLLECTION@URL,URL...");
    }
    try (SparkSession spark = SparkSession.builder().appName("load gallery").getOrCreate();
        Gallery gallery = gallery(args[1]).open()) {
      System.out.println(
          load(spark, args[0], gallery) + " faces added, " + gallery.size() + " in all");
    }
  }

  /** Of a folder, or, named as on facesearch's command line, on SolrCloud. */
  static GalleryBuilder gallery(String where) {
    if (!where.startsWith(SOLR)) {
      return Gallery.builder().folder(Path.of(where));
    }
    int at = where.indexOf('@');
    if (at < 0) {
      throw new IllegalArgumentException(
          "a gallery on SolrCloud is named solr:COLLECTION@URL,URL..., but there is no @");
    }
    String[] nodes = where.substring(at + 1).split(",");
    return Gallery.builder()
        .storage(SolrStorage.builder(where.substring(SOLR.length(), at), nodes).open());
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
