package io.facesearch.server;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Limits how many tokens are tried. Answers to wrong ones are held back, twice as long each time,
 * by address; and as long as many are held, further tokens from there are not even compared, as
 * nobody has to wait for the answer to a wrong one if right ones are answered at once. So that
 * nobody can keep the owner of the token out, that does not concern addresses that have shown the
 * right one, nor this machine, where a proxy may be. Thread-safe; holding costs no thread.
 */
final class Guesses {
  /** Answers held back at once for a stranger's address; beyond it tokens are not compared. */
  static final int MOST_OF_ONE = 8;

  /** The same for all strangers. */
  static final int MOST_OF_STRANGERS = 512;

  /** Answers held back at once for the others; beyond it wrong tokens are turned away. */
  static final int MOST_HELD = 64;

  private static final long FIRST_MILLIS = 250;
  private static final long LAST_MILLIS = 4000;
  private static final long FORGIVE = TimeUnit.MINUTES.toNanos(10);
  private static final int ADDRESSES = 10_000;

  private record Wrong(int times, long last) {}

  private final Map<String, Wrong> wrong = recent();
  private final Map<String, Boolean> known = recent();
  private final Map<String, Integer> ofStrangers = new HashMap<>();
  private int strangers;
  private int held;

  /** A token that is being compared; it ends with {@link #right()} or {@link #release()}. */
  final class Guess {
    private final String key;
    private final boolean stranger;

    private Guess(String key, boolean stranger) {
      this.key = key;
      this.stranger = stranger;
    }

    /** It was the right one. */
    void right() {
      synchronized (Guesses.this) {
        known.put(key, true);
      }
      release();
    }

    /** It was a wrong one: how long to hold the answer back, or -1 if too many are held. */
    long wrong() {
      synchronized (Guesses.this) {
        long now = System.nanoTime();
        Wrong before = wrong.get(key);
        int times = before == null || now - before.last() > FORGIVE ? 0 : before.times();
        wrong.put(key, new Wrong(Math.min(times + 1, 30), now));
        return !stranger && held > MOST_HELD
            ? -1
            : Math.min(LAST_MILLIS, FIRST_MILLIS << Math.min(times, 10));
      }
    }

    /** It was answered. */
    void release() {
      synchronized (Guesses.this) {
        if (stranger) {
          strangers--;
          ofStrangers.computeIfPresent(key, (same, n) -> n == 1 ? null : n - 1);
        } else {
          held--;
        }
      }
    }
  }

  /** A token is about to be compared; null if it must not be. */
  synchronized @Nullable Guess begin(@Nullable InetAddress address) {
    String key = key(address);
    boolean stranger = (address == null || !address.isLoopbackAddress()) && known.get(key) == null;
    if (stranger) {
      if (strangers >= MOST_OF_STRANGERS || ofStrangers.getOrDefault(key, 0) >= MOST_OF_ONE) {
        return null;
      }
      strangers++;
      ofStrangers.merge(key, 1, Integer::sum);
    } else {
      held++;
    }
    return new Guess(key, stranger);
  }

  /** A map of the addresses that were last used. */
  private static <T> Map<String, T> recent() {
    return new LinkedHashMap<>(64, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
        return size() > ADDRESSES;
      }
    };
  }

  /** One customer has one network of IPv6, of 64 bits or more. */
  private static String key(@Nullable InetAddress address) {
    byte[] bytes = address == null ? new byte[4] : address.getAddress();
    StringBuilder key = new StringBuilder();
    for (int i = 0; i < Math.min(8, bytes.length); i++) {
      key.append((char) (bytes[i] & 0xff));
    }
    return key.toString();
  }
}
