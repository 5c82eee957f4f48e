package io.facesearch.server;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Names for the files of an archive, by names of photos that may be anything: each stays inside the
 * folder where it is unpacked, on every platform, and no two are the same where letter case does
 * not count. Not thread-safe.
 */
final class ZipNames {
  private static final int MAX_ELEMENT = 100;
  private static final int MAX_DEPTH = 8;

  /** What some platform has a meaning for, and what turns the direction of writing. */
  private static final Pattern UNSAFE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\\\:*?\"<>|]");

  private static final Pattern DEVICE =
      Pattern.compile("(?i)(con|prn|aux|nul|com\\d|lpt\\d)(\\..*)?");

  private final Set<String> taken = new HashSet<>();

  /** A name that was not given before. */
  String of(String shown) {
    List<String> elements = new ArrayList<>();
    for (String element : shown.split("/", -1)) {
      String safe = safe(element);
      if (!safe.isEmpty()) {
        elements.add(safe);
      }
    }
    int deep = Math.max(0, elements.size() - MAX_DEPTH);
    String name =
        elements.isEmpty() ? "photo" : String.join("/", elements.subList(deep, elements.size()));
    int dot = name.lastIndexOf('.');
    int end = dot > name.lastIndexOf('/') + 1 ? dot : name.length();
    String candidate = name;
    for (int n = 2; !taken.add(candidate.toLowerCase(Locale.ROOT)); n++) {
      candidate = name.substring(0, end) + " (" + n + ")" + name.substring(end);
    }
    return candidate;
  }

  private static String safe(String element) {
    String text = UNSAFE.matcher(element).replaceAll("_").strip();
    if (text.length() > MAX_ELEMENT) {
      text = text.substring(text.length() - MAX_ELEMENT); // the end tells the format
    }
    text = text.replaceAll("^[. ]+|[. ]+$", "");
    return DEVICE.matcher(text).matches() ? "_" + text : text;
  }
}
