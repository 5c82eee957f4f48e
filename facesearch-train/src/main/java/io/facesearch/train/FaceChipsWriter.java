package io.facesearch.train;

import io.facesearch.AlignmentTemplate;
import io.facesearch.train.FaceDataset.Photo;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UTFDataFormatException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * Writes the file of {@link FaceChips}: rows to {@code FILE.part}, labels to {@code
 * FILE.part.labels}, and goes on from them if they are of the same photos, model and template.
 * Labels are written when their rows are on the disk. Not thread-safe.
 */
final class FaceChipsWriter implements AutoCloseable {
  /** Photos whose rows are forced to the disk together. */
  private static final int FORCED_AT_ONCE = 256;

  private final Path file;
  private final Path rowsFile;
  private final Path labelsFile;
  private final String teacher;
  private final AlignmentTemplate template;
  private final int dimension;
  private final List<String> labels = new ArrayList<>();
  private final FileChannel rows;
  private int done;

  /** Faces of the photos that are done; of the next ones some may be written already. */
  private int doneFaces;

  private int saved;
  private int savedFaces;

  FaceChipsWriter(
      Path file, String teacher, AlignmentTemplate template, int dimension, List<Photo> photos)
      throws IOException {
    this.file = file;
    this.teacher = teacher;
    this.template = template;
    this.dimension = dimension;
    rowsFile = file.resolveSibling(file.getFileName() + ".part");
    labelsFile = file.resolveSibling(file.getFileName() + ".part.labels");
    long key = key(photos);
    if (Files.exists(rowsFile) && Files.exists(labelsFile)) {
      readLabels(key);
    }
    rows = FileChannel.open(rowsFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      long end = FaceChips.HEAD + count() * rowBytes();
      rows.truncate(end);
      if (rows.size() < FaceChips.HEAD) {
        write(rows, ByteBuffer.allocate(FaceChips.HEAD), 0);
      }
      rows.position(end);
      // Anew, as the end of the old one may be cut short.
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      new DataOutputStream(bytes).writeLong(key);
      Files.write(labelsFile, bytes.toByteArray());
      if (done > 0) {
        save();
      }
    } catch (IOException e) {
      rows.close();
      throw e;
    }
  }

  /** What the rows depend on. */
  private long key(List<Photo> photos) throws IOException {
    CRC32C crc = new CRC32C();
    try (DataOutputStream out =
        new DataOutputStream(new CheckedOutputStream(OutputStream.nullOutputStream(), crc))) {
      out.writeUTF(teacher);
      out.writeUTF(template.toString());
      out.writeInt(dimension);
      for (Photo photo : photos) {
        out.writeUTF(photo.file().toString());
        out.writeUTF(photo.identity());
      }
    }
    return crc.getValue() << 32 | photos.size();
  }

  private void readLabels(long key) throws IOException {
    long room = (Files.size(rowsFile) - FaceChips.HEAD) / rowBytes();
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(labelsFile)))) {
      if (in.readLong() != key) {
        return;
      }
      while (true) {
        int upTo = in.readInt();
        int found = in.readInt();
        if (found < 0 || found > upTo - done || count() + found > room) {
          return;
        }
        List<String> more = new ArrayList<>();
        for (int i = 0; i < 2 * found; i++) {
          more.add(in.readUTF());
        }
        int end = in.readInt();
        if (end != checksum(block(upTo, found, more))) {
          return; // damaged: these photos are done again
        }
        labels.addAll(more);
        done = upTo;
        doneFaces = count();
      }
    } catch (EOFException | UTFDataFormatException e) {
      return; // where the writer was stopped
    }
  }

  private long rowBytes() {
    return FaceChips.rowBytes(template.width(), template.height(), dimension);
  }

  /** Photos that are done, with a face or without. */
  int done() {
    return done;
  }

  /** Faces that are written. */
  int count() {
    return labels.size() / 2;
  }

  void write(Photo photo, byte[] pixels, float[] vector) throws IOException {
    ByteBuffer row = FaceChips.row(count(), pixels, vector);
    while (row.hasRemaining()) {
      rows.write(row);
    }
    labels.add(photo.file().toString());
    labels.add(photo.identity());
  }

  /** So many photos are done now. */
  void done(int photos) throws IOException {
    done = photos;
    doneFaces = count();
    if (done - saved >= FORCED_AT_ONCE) {
      save();
    }
  }

  private void save() throws IOException {
    rows.force(false);
    byte[] block =
        block(done, doneFaces - savedFaces, labels.subList(2 * savedFaces, 2 * doneFaces));
    ByteBuffer bytes = ByteBuffer.allocate(block.length + 4);
    bytes.put(block).putInt(checksum(block));
    Files.write(labelsFile, bytes.array(), StandardOpenOption.APPEND);
    saved = done;
    savedFaces = doneFaces;
  }

  private static byte[] block(int upTo, int found, List<String> labels) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(upTo);
    out.writeInt(found);
    for (String label : labels) {
      out.writeUTF(label);
    }
    return bytes.toByteArray();
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length);
    return (int) crc.getValue();
  }

  /** Completes the file and gives it its name. */
  void finish() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeUTF(teacher);
    for (String label : labels) {
      out.writeUTF(label);
    }
    ByteBuffer end = ByteBuffer.wrap(bytes.toByteArray());
    write(rows, end, FaceChips.HEAD + count() * rowBytes());
    write(rows, FaceChips.head(template, dimension, count(), bytes.toByteArray()), 0);
    rows.force(true);
    rows.close();
    Files.move(rowsFile, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Files.delete(labelsFile);
  }

  private static void write(FileChannel channel, ByteBuffer bytes, long position)
      throws IOException {
    for (long at = position; bytes.hasRemaining(); ) {
      at += channel.write(bytes, at);
    }
  }

  /** Keeps what is there for the next one, unless it is finished. */
  @Override
  public void close() throws IOException {
    if (rows.isOpen()) {
      try (rows) {
        if (done > saved) {
          save();
        }
      }
    }
  }
}
