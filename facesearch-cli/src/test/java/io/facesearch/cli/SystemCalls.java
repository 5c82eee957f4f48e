package io.facesearch.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A log of {@code strace -f -yy}: which calls reach beyond this machine, and which change files. It
 * errs on the side of reporting: what is not understood counts as a violation.
 */
final class SystemCalls {
  /** Options of strace that this class understands. */
  static final List<String> OPTIONS =
      List.of("-f", "-qq", "-yy", "-s", "4096", "-e", "trace=%network,%file");

  private static final Pattern CALL =
      Pattern.compile("(\\d+) +([a-z0-9_]+)\\((.*)\\) += (-?[0-9?]+|0x[0-9a-f]+)(.*)");
  private static final Pattern RESUMED = Pattern.compile("(\\d+) +<\\.\\.\\. \\w+ resumed>(.*)");
  private static final String UNFINISHED = " <unfinished ...>";

  private static final Set<String> SENDING =
      Set.of("connect", "bind", "sendto", "sendmsg", "sendmmsg");
  private static final Set<String> CHANGING =
      Set.of(
          "creat",
          "mkdir",
          "mkdirat",
          "mknod",
          "mknodat",
          "rename",
          "renameat",
          "renameat2",
          "unlink",
          "unlinkat",
          "rmdir",
          "symlink",
          "symlinkat",
          "link",
          "linkat",
          "truncate",
          "chmod",
          "fchmodat",
          "fchmodat2",
          "chown",
          "lchown",
          "fchownat",
          "utime",
          "utimes",
          "utimensat",
          "futimesat",
          "setxattr",
          "lsetxattr",
          "removexattr",
          "mount",
          "chroot");
  private static final Pattern WRITING = Pattern.compile("O_(WRONLY|RDWR|CREAT|TRUNC|TMPFILE)");

  /** A path as an argument, with the folder that it is relative to if it has one. */
  private static final Pattern PATH =
      Pattern.compile("(?:(?:AT_FDCWD|\\d+)<([^>]*)>, )?\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** What asks the system for the address of a name; the sockets are those of its services. */
  private static final Pattern NAME_SERVICE =
      Pattern.compile(
          "/etc/resolv\\.conf|/etc/gai\\.conf|systemd/resolve|avahi|htons\\(53\\)|htons\\(5353\\)|:53[\\]>]");

  private static final Pattern LOCAL =
      Pattern.compile(
          "AF_UNIX|UNIX-|AF_NETLINK|NETLINK|inet_addr\\(\"127\\.|\"::ffff:127\\.|\"::1\""
              + "|TCP(v6)?:\\[\\[?(::ffff:)?(127\\.[0-9.]+|::1)\\]?:\\d+->\\[?(::ffff:)?(127\\.|::1)");

  private record Call(String name, String arguments, String result, String line) {}

  private SystemCalls() {}

  /** All that reached, or tried to reach, beyond this machine, or asked for a machine by name. */
  static List<String> beyondThisMachine(Path log) throws IOException {
    List<String> found = new ArrayList<>();
    for (Call call : read(log)) {
      boolean network = SENDING.contains(call.name);
      if (network && !LOCAL.matcher(call.arguments).find()
          || NAME_SERVICE.matcher(call.arguments).find()) {
        found.add(call.line);
      }
    }
    return found;
  }

  /** Files that were made, opened to be written, renamed, changed or removed outside of folders. */
  static List<String> changesOutside(Path log, Path start, List<Path> folders) throws IOException {
    List<String> found = new ArrayList<>();
    for (Call call : read(log)) {
      boolean changes =
          CHANGING.contains(call.name)
              || call.name.startsWith("open") && WRITING.matcher(call.arguments).find();
      if (changes && !call.result.startsWith("-1")) {
        Matcher path = PATH.matcher(call.arguments);
        boolean any = false;
        while (path.find()) {
          any = true;
          Path base = path.group(1) == null ? start : Path.of(path.group(1));
          Path where = base.resolve(path.group(2)).normalize();
          if (!where.startsWith("/dev")
              && !where.startsWith("/proc")
              && folders.stream().noneMatch(where::startsWith)) {
            found.add(call.line);
          }
        }
        if (!any) {
          found.add(call.line);
        }
      }
    }
    return found;
  }

  /** Programs that were started. */
  static Set<String> programs(Path log) throws IOException {
    Set<String> programs = new java.util.TreeSet<>();
    for (Call call : read(log)) {
      if (call.name.startsWith("execve") && call.result.equals("0")) {
        Matcher path = PATH.matcher(call.arguments);
        Optional.of(path).filter(Matcher::find).ifPresent(p -> programs.add(p.group(2)));
      }
    }
    return programs;
  }

  static int count(Path log) throws IOException {
    return read(log).size();
  }

  private static List<Call> read(Path log) throws IOException {
    List<Call> calls = new ArrayList<>();
    Map<String, String> unfinished = new HashMap<>();
    for (String text : Files.readAllLines(log, StandardCharsets.ISO_8859_1)) {
      String line = text;
      Matcher resumed = RESUMED.matcher(line);
      if (resumed.matches() && unfinished.containsKey(resumed.group(1))) {
        line = unfinished.remove(resumed.group(1)) + resumed.group(2);
      } else if (line.endsWith(UNFINISHED)) {
        String thread = line.substring(0, line.indexOf(' '));
        unfinished.put(thread, line.substring(0, line.length() - UNFINISHED.length()));
        continue;
      }
      add(calls, line);
    }
    // The end of the process came before theirs.
    unfinished.values().forEach(line -> add(calls, line + ") = ?"));
    return calls;
  }

  private static void add(List<Call> calls, String line) {
    Matcher call = CALL.matcher(line);
    if (call.matches()) {
      String result = call.group(4);
      calls.add(new Call(call.group(2), call.group(3), result, line));
    } else if (!line.contains("+++") && !line.contains("---")) {
      throw new IllegalStateException("not understood: " + line);
    }
  }
}
