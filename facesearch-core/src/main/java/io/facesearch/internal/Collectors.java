package io.facesearch.internal;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Strings that betray a library which reports to its maker: hosts of collectors, and names in the
 * clients that send to them. Stateless and thread-safe.
 */
public final class Collectors {
  /** What is looked for, in UTF-8 and UTF-16 (little-endian, as Windows has it). */
  static final List<String> KNOWN =
      List.of(
          // Microsoft: 1DS and Aria, Application Insights, App Center
          "events.data.microsoft.com",
          "vortex.data.microsoft.com",
          "vortex-win.data.microsoft.com",
          "pipe.aria.microsoft.com",
          "OneCollector",
          "Microsoft12Applications6Events",
          "Microsoft::Applications::Events",
          "cpp-client-telemetry",
          "applicationinsights",
          "services.visualstudio.com",
          "in.appcenter.ms",
          // Google
          "google-analytics.com",
          "googletagmanager.com",
          "app-measurement.com",
          "crashlytics.com",
          // Others
          "sentry.io",
          "api.segment.io",
          "api.mixpanel.com",
          "api.amplitude.com",
          "api2.amplitude.com",
          "posthog.com",
          "notify.bugsnag.com",
          "bam.nr-data.net",
          "browser-intake-datadoghq",
          "submit.backtrace.io");

  private static final int CHUNK = 1 << 20;
  private static final List<byte[]> PATTERNS = patterns();
  private static final boolean[] STARTS = starts();
  private static final int LONGEST = PATTERNS.stream().mapToInt(p -> p.length).max().orElseThrow();

  private Collectors() {}

  /**
   * Looks for a known collector.
   *
   * @param in read to the end, not closed
   * @return the first string found
   * @throws IOException if it cannot be read
   */
  public static Optional<String> find(InputStream in) throws IOException {
    byte[] buffer = new byte[CHUNK + LONGEST];
    InputStream source = in instanceof BufferedInputStream ? in : new BufferedInputStream(in, 8192);
    int kept = 0;
    while (true) {
      int read = source.readNBytes(buffer, kept, CHUNK);
      int end = kept + read;
      for (int i = 0; i < end - 1; i++) {
        if (STARTS[(buffer[i] & 0xff) << 8 | buffer[i + 1] & 0xff]) {
          for (int p = 0; p < PATTERNS.size(); p++) {
            byte[] pattern = PATTERNS.get(p);
            if (i + pattern.length <= end
                && Arrays.equals(buffer, i, i + pattern.length, pattern, 0, pattern.length)) {
              return Optional.of(KNOWN.get(p / 2));
            }
          }
        }
      }
      if (read < CHUNK) {
        return Optional.empty();
      }
      kept = LONGEST - 1; // a string may lie across two chunks
      System.arraycopy(buffer, end - kept, buffer, 0, kept);
    }
  }

  private static List<byte[]> patterns() {
    List<byte[]> all = new ArrayList<>();
    for (String known : KNOWN) {
      for (Charset charset : List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE)) {
        all.add(known.getBytes(charset));
      }
    }
    return all;
  }

  private static boolean[] starts() {
    boolean[] starts = new boolean[1 << 16];
    for (byte[] pattern : PATTERNS) {
      starts[(pattern[0] & 0xff) << 8 | pattern[1] & 0xff] = true;
    }
    return starts;
  }
}
