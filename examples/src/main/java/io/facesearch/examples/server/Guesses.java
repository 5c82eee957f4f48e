package io.facesearch.examples.server;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Slows those down who guess the token: answers to wrong ones are held back, twice as long each
 * time, by address. Right ones never wait, so that nobody can keep the owner of the token out.
 * Thread-safe.
 */
final class Guesses {
  /** Answers held back at once; beyond it guesses are turned away. */
  static final int MOST_HELD = 64;

  private static final long FIRST_MILLIS = 250;
  private static final long LAST_MILLIS = 4000;
  private static final long FORGIVE = TimeUnit.MINUTES.toNanos(10);
  private static final int ADDRESSES = 10_000;

  private record Wrong(int times, long last) {}

  private final Map<String, Wrong> byAddress =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Wrong> eldest) {
          return size() > ADDRESSES;
        }
      };
  private int held;

  /** One more wrong token: how long to hold the answer back, or -1 if too many are held. */
  synchronized long hold(InetAddress address) {
    long now = System.nanoTime();
    String key = key(address);
    Wrong wrong = byAddress.get(key);
    int times = wrong == null || now - wrong.last() > FORGIVE ? 0 : wrong.times();
    byAddress.put(key, new Wrong(Math.min(times + 1, 30), now));
    if (held >= MOST_HELD) {
      return -1;
    }
    held++;
    return Math.min(LAST_MILLIS, FIRST_MILLIS << Math.min(times, 10));
  }

  /** An answer was given. */
  synchronized void release() {
    held--;
  }

  /** One customer has one network of IPv6, of 64 bits or more. */
  private static String key(InetAddress address) {
    byte[] bytes = address == null ? new byte[4] : address.getAddress();
    StringBuilder key = new StringBuilder();
    for (int i = 0; i < Math.min(8, bytes.length); i++) {
      key.append((char) (bytes[i] & 0xff));
    }
    return key.toString();
  }
}
