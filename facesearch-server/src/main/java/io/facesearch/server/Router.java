package io.facesearch.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the routes of a path. A path has one spelling: no parameters, no empty or dot segments, no
 * slash at the end, letters as they are. Only letters, digits and {@code -._~} may be
 * percent-encoded, which is the same path by RFC 3986. Immutable and thread-safe.
 */
final class Router {
  /** The routes of one path, and what the braces stand for. */
  record Match(List<Route> routes, Map<String, String> parameters) {}

  private record Path(String[] segments, List<Route> routes) {}

  private final List<Path> paths = new ArrayList<>();

  Router(List<Route> routes) {
    Map<String, Path> byPath = new HashMap<>();
    for (Route route : routes) {
      byPath
          .computeIfAbsent(
              route.path(),
              text -> {
                Path path = new Path(segments(text), new ArrayList<>());
                paths.add(path);
                return path;
              })
          .routes()
          .add(route);
    }
  }

  /** The match of a path as it was sent, or null. */
  @Nullable Match match(String raw) {
    String path = raw == null ? null : plain(raw);
    if (path == null || !path.startsWith("/")) {
      return null;
    }
    String[] segments = segments(path);
    for (Path candidate : paths) {
      Map<String, String> parameters = parameters(candidate.segments(), segments);
      if (parameters != null) {
        return new Match(candidate.routes(), parameters);
      }
    }
    return null;
  }

  /** Whether a path as it was sent begins with a text, however it is encoded. */
  boolean isBelow(String start, @Nullable String raw) {
    String path = raw == null ? null : plain(raw);
    return path != null && path.startsWith(start);
  }

  private static @Nullable Map<String, String> parameters(String[] template, String[] segments) {
    if (template.length != segments.length) {
      return null;
    }
    Map<String, String> parameters = new HashMap<>();
    for (int i = 0; i < template.length; i++) {
      String wanted = template[i];
      if (wanted.startsWith("{")) {
        if (segments[i].isEmpty() || segments[i].equals(".") || segments[i].equals("..")) {
          return null;
        }
        parameters.put(wanted.substring(1, wanted.length() - 1), segments[i]);
      } else if (!wanted.equals(segments[i])) {
        return null;
      }
    }
    return parameters;
  }

  private static String[] segments(String path) {
    List<String> segments = new ArrayList<>();
    int start = 1;
    for (int slash; (slash = path.indexOf('/', start)) >= 0; start = slash + 1) {
      segments.add(path.substring(start, slash));
    }
    segments.add(path.substring(start));
    return segments.toArray(String[]::new);
  }

  /** Without needless percent-encoding; null if there is a character that no path here has. */
  private static @Nullable String plain(String raw) {
    StringBuilder plain = new StringBuilder(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      boolean slash = c == '/';
      if (c == '%' && i + 2 < raw.length()) {
        int high = Character.digit(raw.charAt(i + 1), 16);
        int low = Character.digit(raw.charAt(i + 2), 16);
        c = high < 0 || low < 0 ? '%' : (char) (16 * high + low);
        i += 2;
      }
      if (!slash && !isUnreserved(c)) {
        return null;
      }
      plain.append(c);
    }
    return plain.toString();
  }

  private static boolean isUnreserved(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "-._~".indexOf(c) >= 0;
  }
}
