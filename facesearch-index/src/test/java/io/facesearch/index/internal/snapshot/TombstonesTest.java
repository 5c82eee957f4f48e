package io.facesearch.index.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Compared with a set of numbers, over the ends of words and chunks. */
class TombstonesTest {
  /** Ordinals of a chunk. */
  private static final int CHUNK = 64 * 64;

  private static final int SIZE = 3 * CHUNK + 10;
  private static final int[] EDGES = {
    0, 63, 64, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 3 * CHUNK, SIZE - 1
  };

  private static void assertHolds(Tombstones tombstones, NavigableSet<Integer> dead) {
    assertThat(tombstones.count()).isEqualTo(dead.size());
    int[] live = tombstones.live(SIZE);
    assertThat(live).hasSize(SIZE - dead.size());
    int n = 0;
    for (int ordinal = 0; ordinal < SIZE; ordinal++) {
      assertThat(tombstones.contains(ordinal)).isEqualTo(dead.contains(ordinal));
      if (!dead.contains(ordinal)) {
        assertThat(live[n++]).isEqualTo(ordinal);
      }
    }
    assertThat(tombstones.contains(100 * CHUNK)).isFalse();
  }

  @Test
  void oneAfterTheOther() {
    Tombstones tombstones = Tombstones.NONE;
    TreeSet<Integer> dead = new TreeSet<>();
    assertHolds(tombstones, dead);
    for (int ordinal : EDGES) {
      Tombstones before = tombstones;
      tombstones = tombstones.with(ordinal);
      assertThat(before.contains(ordinal)).isFalse();
      assertThat(before.count()).isEqualTo(dead.size());
      dead.add(ordinal);
      assertHolds(tombstones, dead);
    }
  }

  @Test
  void manyAtOnceLeaveTheOlderSetAsItWas() {
    Random random = new Random(5);
    Tombstones tombstones = Tombstones.NONE;
    TreeSet<Integer> dead = new TreeSet<>();
    for (int round = 0; round < 6; round++) {
      Tombstones before = tombstones;
      TreeSet<Integer> deadBefore = new TreeSet<>(dead);
      int[] some = new int[40];
      for (int i = 0; i < some.length; i++) {
        // Also twice, and such as are dead already; chunk after chunk comes to be.
        some[i] = i < 3 && round > 0 ? dead.first() : random.nextInt((round % 3 + 1) * CHUNK);
      }
      tombstones = tombstones.with(some);
      for (int ordinal : some) {
        dead.add(ordinal);
      }
      assertHolds(tombstones, dead);
      assertHolds(before, deadBefore);
      TreeSet<Integer> added = new TreeSet<>(dead);
      added.removeAll(deadBefore);
      assertThat(tombstones.since(before).boxed()).containsExactlyElementsOf(added);
      assertThat(tombstones.since(Tombstones.NONE).boxed()).containsExactlyElementsOf(dead);
    }
    assertThat(tombstones.with(new int[] {dead.first(), dead.last()})).isSameAs(tombstones);
    assertThat(tombstones.with(new int[0])).isSameAs(tombstones);
    assertThat(tombstones.since(tombstones)).isEmpty();
  }

  @Test
  void comesBackFromItsWords() {
    TreeSet<Integer> dead = new TreeSet<>();
    BitSet bits = new BitSet(SIZE);
    for (int ordinal : EDGES) {
      dead.add(ordinal);
      bits.set(ordinal);
    }
    Tombstones tombstones = Tombstones.of(bits.toLongArray(), SIZE);
    assertHolds(tombstones, dead);
    assertThat(tombstones.words(SIZE)).isEqualTo(bits.toLongArray());
    // Words behind the last chunk are empty, and a size of whole words has no part of one.
    assertThat(Tombstones.NONE.with(5).words(2 * CHUNK)).hasSize(2 * CHUNK / 64).contains(32);
    assertThat(Tombstones.NONE.words(65)).isEqualTo(new long[2]);
    long[] full = {-1, -1};
    assertThat(Tombstones.of(full, 128).count()).isEqualTo(128);
    assertThat(Tombstones.of(full, 127)).isNull();
    assertThat(Tombstones.of(new long[] {-1, 1}, 65).count()).isEqualTo(65);
    assertThat(Tombstones.of(new long[] {-1, 3}, 65)).isNull();
  }
}
