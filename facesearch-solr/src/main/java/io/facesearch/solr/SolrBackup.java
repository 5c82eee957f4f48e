package io.facesearch.solr;

import io.facesearch.CorruptIndexException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Grouping;
import io.facesearch.IndexVersionException;
import io.facesearch.internal.AtomicFile;
import io.facesearch.internal.PrivateFiles;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * A gallery in one file: a mark and a version; parts, each a letter, a length and bytes; and a
 * CRC-32 of all before it.
 */
final class SolrBackup {
  static final String FILE = "gallery.solr";
  private static final int MARK = 0x46535352; // FSSR
  private static final int VERSION = 1;
  private static final int AT_ONCE = 5_000;

  private SolrBackup() {}

  static void write(SolrStorage storage, Path target) throws IOException {
    if (Files.exists(target)) {
      try (Stream<Path> files = Files.list(target)) {
        if (files.findAny().isPresent()) {
          throw new DirectoryNotEmptyException(
              target + " is not empty, so no backup is written there; name a new folder");
        }
      }
    }
    PrivateFiles.createFolders(target);
    AtomicFile.write(
        target.resolve(FILE),
        channel -> {
          CheckedOutputStream checked =
              new CheckedOutputStream(
                  new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16),
                  new CRC32());
          DataOutputStream out = new DataOutputStream(checked);
          out.writeInt(MARK);
          out.writeInt(VERSION);
          part(out, 'S', SettingsCoding.encode(storage.settings()));
          part(out, 'M', SettingsCoding.encode(Map.of("model", storage.model().orElse(""))));
          for (EmbeddedFace face : storage.faces()) {
            part(out, 'F', FaceCoding.encode(face));
          }
          for (String name : storage.cropNames()) {
            byte[] crop = storage.photos().read(name).orElse(new byte[0]);
            part(out, 'C', SettingsCoding.encode(Map.of("name", name)));
            part(out, 'D', crop);
          }
          if (storage.grouping().isPresent()) {
            part(out, 'P', storage.grouping().get().encoded());
          }
          out.writeByte('E');
          out.writeLong(checked.getChecksum().getValue());
          out.flush();
        });
  }

  private static void part(DataOutputStream out, char kind, byte[] bytes) throws IOException {
    out.writeByte(kind);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static void read(Path folder, SolrStorage storage) throws IOException {
    Path file = folder.resolve(FILE);
    check(file); // all of it, before anything is added
    try (DataInputStream in = open(file)) {
      in.readLong();
      String model = "";
      String crop = "";
      List<EmbeddedFace> faces = new ArrayList<>();
      for (int kind = in.readByte(); kind != 'E'; kind = in.readByte()) {
        byte[] part = in.readNBytes(in.readInt());
        if (kind != 'F' || faces.size() == AT_ONCE) {
          storage.addAll(faces);
          faces.clear();
        }
        switch (kind) {
          case 'S' -> storage.setSettings(SettingsCoding.decode(part));
          case 'M' -> model = SettingsCoding.decode(part).getOrDefault("model", "");
          case 'F' -> faces.add(FaceCoding.decode(part, model));
          case 'C' -> crop = SettingsCoding.decode(part).getOrDefault("name", "");
          case 'D' -> storage.photos().put(crop, part);
          case 'P' -> {
            if (storage.size() > 0) {
              storage.takeGrouping(new Grouping(part));
            }
          }
          default -> throw new CorruptIndexException(file + " has a part that is not known");
        }
      }
      storage.addAll(faces);
    }
  }

  private static DataInputStream open(Path file) throws IOException {
    return new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
  }

  private static void check(Path file) throws IOException {
    CheckedInputStream checked =
        new CheckedInputStream(
            new BufferedInputStream(Files.newInputStream(file), 1 << 16), new CRC32());
    try (DataInputStream in = new DataInputStream(checked)) {
      if (in.readInt() != MARK) {
        throw new CorruptIndexException(file + " is not a backup of a gallery on Solr");
      }
      int version = in.readInt();
      if (version != VERSION) {
        throw new IndexVersionException(
            file + " is of version " + version + ", but this release reads version " + VERSION);
      }
      while (in.readByte() != 'E') {
        in.skipNBytes(Math.max(0, in.readInt()));
      }
      long sum = checked.getChecksum().getValue();
      if (sum != in.readLong()) {
        throw new CorruptIndexException(
            "the checksum of " + file + " is wrong; take another backup");
      }
    } catch (EOFException e) {
      throw new CorruptIndexException(file + " ends too early; take another backup", e);
    }
  }
}
