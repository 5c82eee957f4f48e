package io.facesearch.train;

import io.facesearch.train.FaceDataset.Photo;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A data set split by identity, so that no person is in both parts: train on one, test on the
 * other. The same seed and identities give the same parts on every platform. Immutable and
 * thread-safe.
 *
 * @param train the part to train on, usually the larger one
 * @param test the rest
 */
public record IdentitySplit(FaceDataset train, FaceDataset test) {

  /** Checks that no identity is in both parts. */
  public IdentitySplit {
    Set<String> both = new HashSet<>(train.byIdentity().keySet());
    both.retainAll(test.byIdentity().keySet());
    if (!both.isEmpty()) {
      throw new IllegalArgumentException("identities in both parts: " + both);
    }
  }

  /**
   * Splits a data set.
   *
   * @param dataset the data set
   * @param trainShare share of the identities to train on, greater than 0 and less than 1; usually
   *     0.8
   * @param seed of the random choice
   * @return the parts, each in the order of the data set
   * @throws IllegalArgumentException if a part would be empty
   */
  public static IdentitySplit of(FaceDataset dataset, double trainShare, long seed) {
    if (!(trainShare > 0 && trainShare < 1)) {
      throw new IllegalArgumentException(
          "trainShare must be more than 0 and less than 1, but is: " + trainShare);
    }
    List<String> identities = new ArrayList<>(dataset.byIdentity().keySet());
    int count = (int) Math.round(trainShare * identities.size());
    if (count < 1 || count == identities.size()) {
      throw new IllegalArgumentException(
          dataset + " cannot be split " + trainShare + ": a part would be empty");
    }
    Collections.shuffle(identities, new Random(seed));
    Set<String> chosen = new HashSet<>(identities.subList(0, count));
    List<Photo> train = new ArrayList<>();
    List<Photo> test = new ArrayList<>();
    for (Photo photo : dataset.photos()) {
      (chosen.contains(photo.identity()) ? train : test).add(photo);
    }
    return new IdentitySplit(dataset.part(" (train)", train), dataset.part(" (test)", test));
  }

  /**
   * Queries and gallery of a data set.
   *
   * @param queries one photo of each identity
   * @param gallery all others
   */
  public record Retrieval(List<Photo> queries, List<Photo> gallery) {
    /** Copies the lists. */
    public Retrieval {
      queries = List.copyOf(queries);
      gallery = List.copyOf(gallery);
    }
  }

  /**
   * Chooses one photo of each identity of the test part as a query; the rest is the gallery.
   *
   * @param seed of the random choice
   * @return queries and gallery; an identity with only one photo is in the gallery only
   */
  public Retrieval queryAndGallery(long seed) {
    return queryAndGallery(test, seed);
  }

  /**
   * Chooses one photo of each identity as a query; the rest is the gallery.
   *
   * @param dataset any data set
   * @param seed of the random choice
   * @return queries and gallery; an identity with only one photo is in the gallery only
   */
  public static Retrieval queryAndGallery(FaceDataset dataset, long seed) {
    Random random = new Random(seed);
    List<Photo> queries = new ArrayList<>();
    List<Photo> gallery = new ArrayList<>();
    for (Map.Entry<String, List<Photo>> person : dataset.byIdentity().entrySet()) {
      List<Photo> photos = new ArrayList<>(person.getValue());
      if (photos.size() > 1) {
        queries.add(photos.remove(random.nextInt(photos.size())));
      }
      gallery.addAll(photos);
    }
    return new Retrieval(queries, gallery);
  }
}
