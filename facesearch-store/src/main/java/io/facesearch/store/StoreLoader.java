package io.facesearch.store;

import io.facesearch.CorruptIndexException;
import io.facesearch.EmbeddedFace;
import io.facesearch.FaceRecord;
import io.facesearch.IndexVersionException;
import io.facesearch.index.internal.codec.FaceCodec;
import io.facesearch.index.internal.file.TreeIndexFile;
import io.facesearch.index.internal.snapshot.FaceList;
import io.facesearch.index.internal.snapshot.Faces;
import io.facesearch.index.internal.tree.TreeIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the index in memory of what the files of a {@link FaceStore} hold. Stateless. */
final class StoreLoader {
  private static final Logger LOG = LoggerFactory.getLogger(StoreLoader.class);

  private StoreLoader() {}

  /** An index, and whether its tree is that of the tree file. */
  record Loaded(TreeIndex index, boolean isTreeOfFile) {}

  /** The index of what the database holds: from the tree file, where there is one, and rows. */
  static Loaded load(Path folder, FaceDatabase database, TreeIndex.Builder settings)
      throws IOException {
    StoreState state = database.state();
    Path file = StoreTree.file(folder, state.generation());
    TreeIndex index = null;
    if (state.covered() > 0 && Files.exists(file)) {
      index = loadTree(file, database, settings);
    } else if (state.covered() > 0) {
      LOG.info("{} is missing; the tree is rebuilt", file.getFileName());
    }
    boolean isTreeOfFile = index != null;
    long count;
    long digest;
    long after;
    if (index == null) {
      index = settings.build(database.space().metric());
      count = 0;
      digest = 0;
      after = 0;
    } else {
      count = state.coveredCount() - database.removed().size();
      digest = state.coveredDigest() - removeAgain(index, database);
      after = state.covered();
    }
    Loading loading = new Loading(database, after == 0 ? state.count() : state.count() - count);
    database.scan(after, loading);
    index.addImmutable(loading.faces(), loading::seq);
    database.checkSum(count + loading.size(), digest + loading.digest());
    byte[] roots = database.roots();
    if (roots != null) {
      try {
        StoredRoots.decode(roots).forEach(index::setRoot);
      } catch (IllegalArgumentException e) {
        throw database.corrupt("the list of folders is wrong: " + e.getMessage(), e);
      }
    }
    return new Loaded(index, isTreeOfFile);
  }

  /** Null if the file is of another version: it is made anew. */
  private static @Nullable TreeIndex loadTree(
      Path file, FaceDatabase database, TreeIndex.Builder settings) throws IOException {
    StoreState state = database.state();
    TreeIndex index;
    try {
      index = TreeIndexFile.load(settings, file, database.identity().seal(), state.generation());
    } catch (IndexVersionException e) {
      LOG.info("{} is of another version; the tree is rebuilt", file.getFileName());
      return null;
    } catch (CorruptIndexException e) {
      throw damaged(file, String.valueOf(e.getMessage()), e);
    }
    Faces faces = index.state().faces();
    for (int i = 0; i < faces.size(); i++) {
      if (faces.number(i) <= (i == 0 ? 0 : faces.number(i - 1))
          || faces.number(i) > state.covered()) {
        throw damaged(file, "face " + i + " has the number " + faces.number(i), null);
      }
    }
    if (index.size() != state.coveredCount()
        || !database.space().equals(index.state().spaceOrNull())) {
      throw damaged(
          file,
          "it has " + index.size() + " faces, not the " + state.coveredCount() + " it should",
          null);
    }
    return index;
  }

  static CorruptIndexException damaged(Path file, String what, @Nullable Throwable cause) {
    return new CorruptIndexException(
        "the tree file "
            + file
            + " is damaged: "
            + what
            + "; it may be deleted: it is rebuilt from "
            + FaceDatabase.FILE
            + ", and nothing is lost",
        cause);
  }

  /** Removes what was removed since the tree file was written; returns the sum of its digests. */
  private static long removeAgain(TreeIndex index, FaceDatabase database) {
    long digest = 0;
    Faces faces = index.state().faces();
    int ordinal = 0;
    for (long seq : database.removed()) {
      while (ordinal < faces.size() && faces.number(ordinal) < seq) {
        ordinal++;
      }
      if (ordinal == faces.size()
          || faces.number(ordinal) != seq
          || index.number(faces.get(ordinal).id()) != seq) {
        throw database.corrupt("row " + seq + " of removed is not a face of the tree file", null);
      }
      String id = faces.get(ordinal).id();
      digest += StoreState.digest(seq, FaceCodec.encode(index.get(id).orElseThrow()));
      index.remove(id);
    }
    return digest;
  }

  /** Rows as they are read, without an object for each vector. */
  private static final class Loading implements DatabaseTables.RowVisitor {
    private final FaceDatabase database;
    private final int dimension;
    private final long[] seqs;
    private final FaceRecord[] records;
    private final float[] vectors;
    private final Set<String> ids = new HashSet<>();
    private int size;
    private long digest;

    Loading(FaceDatabase database, long expected) {
      this.database = database;
      dimension = database.space().dimension();
      int most = (int) Math.max(0, Math.min(expected, database.state().count()));
      seqs = new long[most];
      records = new FaceRecord[most];
      vectors = new float[most * dimension];
    }

    @Override
    public void row(long seq, byte[] plain) {
      if (size == seqs.length) {
        throw database.corrupt("it has more than the " + size + " rows it should", null);
      }
      seqs[size] = seq;
      records[size] = database.decode(seq, plain, vectors, size * dimension);
      digest += StoreState.digest(seq, plain);
      if (!ids.add(records[size].id())) {
        throw database.corrupt("the id of row " + seq + " of faces occurs twice", null);
      }
      size++;
    }

    int size() {
      return size;
    }

    long digest() {
      return digest;
    }

    long seq(int i) {
      return seqs[i];
    }

    List<EmbeddedFace> faces() {
      return new FaceList(
          database.space().model(),
          size,
          i -> records[i],
          i -> Arrays.copyOfRange(vectors, i * dimension, (i + 1) * dimension));
    }
  }
}
