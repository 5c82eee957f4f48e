package io.facesearch.index.internal.snapshot;

import io.facesearch.FaceFilter;
import io.facesearch.index.internal.snapshot.Postings.Slice;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * What a filter matches among the faces of a state, by what tables know of people and tags: bounds
 * of how many at once, and which when it is asked for. Immutable and thread-safe.
 */
abstract class Matching {
  /** Records are read instead of looking others up, if they are fewer than those by this. */
  private static final int FEWER = 64;

  /** At most so many match. */
  final int most;

  /** At least so many match. */
  final int least;

  private Matching(long least, long most) {
    this.least = (int) least;
    this.most = (int) most;
  }

  /** The ordinals that match, as bits; removed faces are among them. */
  abstract long[] bits(Faces faces);

  /** No bit is set. */
  private static long[] none(Faces faces) {
    return new long[(faces.size() + 63) / 64];
  }

  /**
   * The faces in some lists, none of which is in two.
   *
   * @param read so many faces the lists know, which may be more than there are in the state
   */
  static Matching listed(List<Slice> slices, Faces all, int read) {
    long count = slices.stream().mapToLong(Slice::size).sum();
    return new Matching(read == all.size() ? count : 0, Math.min(count, all.size())) {
      @Override
      long[] bits(Faces faces) {
        long[] bits = none(faces);
        int size = faces.size();
        for (Slice slice : slices) {
          for (int i = slice.from(); i < slice.to(); i++) {
            int ordinal = slice.ordinals()[i];
            if (ordinal < size) {
              bits[ordinal >>> 6] |= 1L << ordinal;
            }
          }
        }
        return bits;
      }
    };
  }

  private static Matching all(Faces all) {
    return new Matching(all.size(), all.size()) {
      @Override
      long[] bits(Faces faces) {
        return inverted(none(faces), faces);
      }
    };
  }

  /** What is not known before each face was asked. */
  static Matching tested(FaceFilter filter, Faces all) {
    return new Matching(0, all.size()) {
      @Override
      long[] bits(Faces faces) {
        long[] bits = inverted(none(faces), faces);
        test(bits, filter, faces);
        return bits;
      }
    };
  }

  private static long[] inverted(long[] bits, Faces faces) {
    for (int i = 0; i < bits.length; i++) {
      bits[i] = ~bits[i];
    }
    if (faces.size() % 64 != 0) {
      bits[bits.length - 1] &= -1L >>> -faces.size();
    }
    return bits;
  }

  Matching not(Faces all) {
    Matching other = this;
    return new Matching(all.size() - most, all.size() - least) {
      @Override
      long[] bits(Faces faces) {
        return inverted(other.bits(faces), faces);
      }
    };
  }

  /** What any of some matches. */
  static Matching any(List<Matching> some, Faces all) {
    long sum = some.stream().mapToLong(one -> one.most).sum();
    int greatest = some.stream().mapToInt(one -> one.least).max().orElse(0);
    return new Matching(greatest, Math.min(sum, all.size())) {
      @Override
      long[] bits(Faces faces) {
        long[] bits = none(faces);
        for (Matching one : some) {
          long[] more = one.bits(faces);
          for (int i = 0; i < bits.length; i++) {
            bits[i] |= more[i];
          }
        }
        return bits;
      }
    };
  }

  /** A filter and what it matches. */
  record Part(FaceFilter filter, Matching matching) {}

  /** What all of some match: the smallest, of which the others are asked about. */
  static Matching every(List<Part> parts, Faces all) {
    if (parts.isEmpty()) {
      return all(all);
    }
    List<Part> sorted =
        parts.stream().sorted(Comparator.comparingInt(part -> part.matching().most)).toList();
    long missing = parts.stream().mapToLong(part -> all.size() - part.matching().least).sum();
    return new Matching(Math.max(0, all.size() - missing), sorted.get(0).matching().most) {
      @Override
      long[] bits(Faces faces) {
        long[] bits = sorted.get(0).matching().bits(faces);
        for (Part part : sorted.subList(1, sorted.size())) {
          if (part.matching().most / FEWER < count(bits)) {
            long[] others = part.matching().bits(faces);
            for (int i = 0; i < bits.length; i++) {
              bits[i] &= others[i];
            }
          } else {
            test(bits, part.filter(), faces);
          }
        }
        return bits;
      }
    };
  }

  private static void test(long[] bits, FaceFilter filter, Faces faces) {
    for (int i = 0; i < bits.length; i++) {
      for (long left = bits[i]; left != 0; left &= left - 1) {
        int place = Long.numberOfTrailingZeros(left);
        if (!filter.matches(faces.getOrGone(64 * i + place))) {
          bits[i] &= ~(1L << place);
        }
      }
    }
  }

  private static int count(long[] bits) {
    int count = 0;
    for (long word : bits) {
      count += Long.bitCount(word);
    }
    return count;
  }

  /** The ordinals that match and are not hidden, in order. */
  int[] ordinals(Faces faces, Tombstones hidden) {
    if (most == 0) {
      return new int[0];
    }
    long[] bits = bits(faces);
    int[] ordinals = new int[count(bits)];
    int n = 0;
    for (int i = 0; i < bits.length; i++) {
      for (long left = bits[i]; left != 0; left &= left - 1) {
        int ordinal = 64 * i + Long.numberOfTrailingZeros(left);
        if (!hidden.contains(ordinal)) {
          ordinals[n++] = ordinal;
        }
      }
    }
    return n == ordinals.length ? ordinals : Arrays.copyOf(ordinals, n);
  }
}
