package io.facesearch.cli;

import com.google.gson.stream.JsonWriter;
import io.facesearch.BoundingBox;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What a command prints. Data goes to stdout: text for people, or with {@code --json} one object a
 * line for programs. Talk goes to stderr: notes and progress, which {@code --quiet} keeps back, and
 * errors, which nothing does. Thread-safe as its writers are.
 */
final class Output {
  /** Of the objects; grows when a program that read the last one would read it wrongly. */
  static final int VERSION = 1;

  private static final String NAME = "facesearch: ";

  private final PrintWriter out;
  private final PrintWriter text;
  private final PrintWriter err;
  private final boolean json;
  private final boolean quiet;

  private Output(PrintWriter out, PrintWriter err, boolean json, boolean quiet) {
    this.out = out;
    this.err = err;
    this.json = json;
    this.quiet = quiet;
    text = json ? new PrintWriter(Writer.nullWriter()) : out;
  }

  /** That of a command, as its options ask for it. */
  static Output of(CommandSpec spec) {
    FaceSearchCommand root = (FaceSearchCommand) spec.root().userObject();
    return new Output(
        spec.commandLine().getOut(), spec.commandLine().getErr(), root.json(), root.quiet());
  }

  /** Where data for people goes: nowhere with {@code --json}. */
  PrintWriter text() {
    return text;
  }

  /**
   * Prints an object with {@code --json}, else nothing.
   *
   * @param type what it is
   * @param fields names and values in turn: numbers, texts, booleans, boxes, lists, maps, {@link
   *     Optional}s of them, null
   */
  void json(String type, @Nullable Object... fields) {
    json(type, object(fields));
  }

  /** Prints an object of many fields; see {@link #json(String, Object...)}. */
  void json(String type, Map<String, @Nullable Object> fields) {
    if (!json) {
      return;
    }
    StringWriter line = new StringWriter();
    try (JsonWriter writer = new JsonWriter(line)) {
      writer.setSerializeNulls(true);
      writer.beginObject();
      writer.name("v").value(VERSION);
      writer.name("type").value(type);
      for (Map.Entry<String, @Nullable Object> field : fields.entrySet()) {
        writer.name(field.getKey());
        write(writer, field.getValue());
      }
      writer.endObject();
    } catch (IOException e) {
      throw new UncheckedIOException("memory has no errors", e);
    }
    out.println(ascii(line.toString()));
  }

  /** Fields of an object in an object, in order. */
  static Map<String, @Nullable Object> object(@Nullable Object... fields) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    for (int i = 0; i < fields.length; i += 2) {
      object.put(String.valueOf(fields[i]), fields[i + 1]);
    }
    return object;
  }

  private static void write(JsonWriter writer, @Nullable Object value) throws IOException {
    if (value == null) {
      writer.nullValue();
    } else if (value instanceof Optional<?> perhaps) {
      write(writer, perhaps.orElse(null));
    } else if (value instanceof OptionalLong perhaps) {
      write(writer, perhaps.isPresent() ? perhaps.getAsLong() : null);
    } else if (value instanceof Double number) {
      if (Double.isFinite(number)) {
        writer.value(number);
      } else {
        writer.nullValue();
      }
    } else if (value instanceof Number number) {
      writer.value(number);
    } else if (value instanceof Boolean yes) {
      writer.value(yes);
    } else if (value instanceof BoundingBox box) {
      write(
          writer, object("x", box.x(), "y", box.y(), "width", box.width(), "height", box.height()));
    } else if (value instanceof Map<?, ?> map) {
      writer.beginObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        writer.name(entry.getKey().toString());
        write(writer, entry.getValue());
      }
      writer.endObject();
    } else if (value instanceof Iterable<?> list && !(value instanceof java.nio.file.Path)) {
      writer.beginArray();
      for (Object one : list) {
        write(writer, one);
      }
      writer.endArray();
    } else {
      writer.value(value.toString());
    }
  }

  /** As the terminal's characters may be few, and JSON has escapes for all others. */
  private static String ascii(String line) {
    if (line.chars().allMatch(c -> c < 0x7F)) {
      return line;
    }
    StringBuilder clean = new StringBuilder(line.length() + 16);
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c < 0x7F) {
        clean.append(c);
      } else {
        clean.append(String.format("\\u%04x", (int) c));
      }
    }
    return clean.toString();
  }

  /** A number of things: "1 face", "2 faces". */
  static String counted(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }

  /** Says something that is no data, unless {@code --quiet} is given. */
  void note(String line) {
    if (!quiet) {
      err.println(line);
      err.flush();
    }
  }

  /** Says what failed. */
  void error(String line) {
    text.flush();
    err.println(NAME + line);
    err.flush();
  }

  /** Says more of what failed, below {@link #error}. */
  void errorDetail(String line) {
    err.println("  " + line);
    err.flush();
  }

  /**
   * Says that nothing can be told of a photo, and with {@code --json} also prints it as data.
   *
   * @param kind {@code broken} or {@code no-face}
   */
  void problem(String photo, String kind, String message) {
    error(message);
    json("problem", "photo", photo, "kind", kind, "message", message);
  }

  /** Progress of long work, to be closed. */
  Progress progress(String task, String unit) {
    return Progress.of(task, unit, quiet ? null : err);
  }
}
