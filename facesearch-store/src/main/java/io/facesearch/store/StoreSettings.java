package io.facesearch.store;

import io.facesearch.CorruptIndexException;
import io.facesearch.FaceSearchException;
import io.facesearch.IndexWriteException;
import io.facesearch.internal.AtomicFile;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * A few texts by name, in a file of Java properties in the folder of a store. They hold nothing of
 * any face, so they are not encrypted. One writer at a time.
 */
final class StoreSettings {
  static final String FILE = "settings";

  /** Far more than the settings take. */
  private static final long MOST_BYTES = 1 << 20;

  private final Path file;

  StoreSettings(Path folder) {
    file = folder.resolve(FILE);
  }

  Map<String, String> read() {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new CorruptIndexException(
            file + " has more than " + MOST_BYTES + " bytes, so it holds no settings; delete it");
      }
      Properties properties = new Properties();
      properties.load(new StringReader(Files.readString(file, StandardCharsets.UTF_8)));
      Map<String, String> settings = new TreeMap<>();
      properties.stringPropertyNames().forEach(n -> settings.put(n, properties.getProperty(n)));
      return Map.copyOf(settings);
    } catch (NoSuchFileException e) {
      return Map.of();
    } catch (java.nio.charset.CharacterCodingException | IllegalArgumentException e) {
      throw new CorruptIndexException(file + " is damaged; delete it and calibrate again", e);
    } catch (IOException e) {
      throw new FaceSearchException(file + " cannot be read (" + e.getMessage() + ")", e);
    }
  }

  void write(Map<String, String> settings) {
    Properties properties = new Properties();
    properties.putAll(settings);
    StringWriter text = new StringWriter();
    try {
      properties.store(text, null);
      AtomicFile.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IndexWriteException(
          file + " cannot be written (" + e.getMessage() + "); free space and repeat", e);
    }
  }
}
