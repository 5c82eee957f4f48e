package com.example.spark;

import com.example.spark.EmbedPartition.Counters;
import com.example.spark.EmbedPartition.Limits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The first step: embeds photos into Parquet files of {@link FaceRows}. It works in rounds; what a
 * round has written is kept whatever happens later, and the next run goes on behind it. One run at
 * a time writes to a folder.
 */
public final class EmbedPhotos {
  private final SparkSession spark;
  private final JavaSparkContext context;

  EmbedPhotos(SparkSession spark) {
    this.spark = spark;
    context = JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  /**
   * What a run did.
   *
   * @param known photos of earlier runs
   * @param photos of this one
   * @param faces in them
   * @param noFace photos without a face
   * @param broken photos that could not be read
   */
  record Report(long known, long photos, long faces, long noFace, long broken) {}

  /** {@code EmbedPhotos ROWS PHOTOS...}: a folder for the rows; folders and zips of photos. */
  public static void main(String[] args) throws IOException {
    if (args.length < 2) {
      throw new IllegalArgumentException("usage: EmbedPhotos ROWS PHOTOS...");
    }
    List<String> arguments = List.of(args);
    try (SparkSession spark = SparkSession.builder().appName("embed photos").getOrCreate()) {
      System.out.println(
          new EmbedPhotos(spark).run(args[0], arguments.subList(1, arguments.size())));
    }
  }

  /**
   * Embeds those photos that are not in the rows yet.
   *
   * @param rows the folder of the Parquet files, made if it is not there
   * @param roots folders, zips and patterns of them
   * @throws IOException if one of them cannot be listed
   */
  Report run(String rows, List<String> roots) throws IOException {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    dropUnfinished(hadoop, new Path(rows));
    Set<String> known = known(hadoop, rows);
    List<PhotoRef> photos = new ArrayList<>(PhotoListing.of(hadoop, roots));
    int all = photos.size();
    photos.removeIf(photo -> known.contains(photo.photo()));

    Counters counters = counters();
    EmbedPartition embed = new EmbedPartition(broadcast(hadoop), limits(), counters);
    int round = setting("photosPerRound", 50_000);
    for (int from = 0; from < photos.size(); from += round) {
      int to = Math.min(photos.size(), from + round);
      context.setJobDescription("photos " + (from + 1) + " to " + to + " of " + photos.size());
      JavaRDD<Row> faces =
          context
              .parallelize(new ArrayList<>(photos.subList(from, to)), tasks(to - from))
              .mapPartitions(embed);
      spark.createDataFrame(faces, FaceRows.SCHEMA).write().mode(SaveMode.Append).parquet(rows);
    }
    return new Report(
        all - photos.size(),
        photos.size(),
        counters.faces().value(),
        counters.noFace().value(),
        counters.broken().value());
  }

  /**
   * Deletes what a run that was killed had under way: else Spark would take the parts of it that
   * were finished for parts of the next one, whose photos they are, too.
   */
  private static void dropUnfinished(Configuration hadoop, Path rows) throws IOException {
    rows.getFileSystem(hadoop).delete(new Path(rows, "_temporary"), true);
  }

  /** Names of the photos that the rows have, but for those that are worth another try. */
  private Set<String> known(Configuration hadoop, String rows) throws IOException {
    Path folder = new Path(rows);
    if (!folder.getFileSystem(hadoop).exists(folder)) {
      return Set.of();
    }
    context.setJobDescription("which photos are known");
    Dataset<Row> all = spark.read().schema(FaceRows.SCHEMA).parquet(rows);
    String model = Model.get().model().fingerprint();
    if (!all.where(all.col("model").notEqual(model)).isEmpty()) {
      throw new IllegalStateException(
          "these rows are of another model than this one, " + model + "; write to a new folder");
    }
    Dataset<Row> names = all.where("NOT again").select("photo").distinct();
    Set<String> known = new HashSet<>();
    names.toLocalIterator().forEachRemaining(row -> known.add(row.getString(0)));
    return known;
  }

  private Broadcast<SerializableConfiguration> broadcast(Configuration hadoop) {
    return context.broadcast(new SerializableConfiguration(hadoop));
  }

  private Limits limits() {
    return new Limits(setting("maxBytes", 256 << 20), setting("maxPixels", 100_000_000));
  }

  private Counters counters() {
    return new Counters(
        context.sc().longAccumulator("photos"),
        context.sc().longAccumulator("faces"),
        context.sc().longAccumulator("photos without a face"),
        context.sc().longAccumulator("broken photos"));
  }

  /** A task is short, since what a lost executor had under way is done again; but no core idles. */
  private int tasks(int photos) {
    int tasks = (photos - 1) / setting("photosPerTask", 500) + 1;
    return Math.min(photos, Math.max(tasks, context.defaultParallelism()));
  }

  /** A setting such as {@code --conf spark.facesearch.photosPerTask=500}. */
  private int setting(String name, int otherwise) {
    return Integer.parseInt(
        spark.conf().get("spark.facesearch." + name, Integer.toString(otherwise)));
  }
}
