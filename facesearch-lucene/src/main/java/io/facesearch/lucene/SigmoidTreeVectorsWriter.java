package io.facesearch.lucene;

import io.facesearch.index.internal.quantize.Kernels;
import io.facesearch.index.internal.quantize.PlainKernel;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import io.facesearch.index.internal.quantize.VectorSource;
import io.facesearch.index.internal.tree.CodeTrial;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.codecs.CodecUtil;
import org.apache.lucene.codecs.KnnFieldVectorsWriter;
import org.apache.lucene.codecs.KnnVectorsWriter;
import org.apache.lucene.codecs.hnsw.FlatFieldVectorsWriter;
import org.apache.lucene.codecs.hnsw.FlatVectorsWriter;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.IndexFileNames;
import org.apache.lucene.index.MergeState;
import org.apache.lucene.index.SegmentWriteState;
import org.apache.lucene.index.Sorter;
import org.apache.lucene.index.VectorEncoding;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.store.IndexOutput;
import org.apache.lucene.util.IOUtils;
import org.apache.lucene.util.RamUsageEstimator;
import org.jspecify.annotations.Nullable;

/**
 * Writes the codes of each field, beside Lucene's writer of the vectors themselves. A merge codes
 * the merged vectors anew, from a temporary file: on the heap are the new codes only.
 */
final class SigmoidTreeVectorsWriter extends KnnVectorsWriter {
  private static final long SHALLOW_SIZE =
      RamUsageEstimator.shallowSizeOfInstance(SigmoidTreeVectorsWriter.class);

  private final SegmentWriteState state;
  private final FlatVectorsWriter flat;
  private final int leastCoded;
  private final List<Field> fields = new ArrayList<>();
  private @Nullable IndexOutput meta;
  private @Nullable IndexOutput data;
  private boolean isFinished;

  private record Field(FieldInfo info, FlatFieldVectorsWriter<?> vectors) {}

  /** Takes over the writer of the vectors, also if it fails. */
  SigmoidTreeVectorsWriter(SegmentWriteState state, FlatVectorsWriter flat, int leastCoded)
      throws IOException {
    this.state = state;
    this.flat = flat;
    this.leastCoded = leastCoded;
    boolean success = false;
    try {
      meta = output(SigmoidTreeVectorsFormat.META_EXTENSION, SigmoidTreeVectorsFormat.META_CODEC);
      data = output(SigmoidTreeVectorsFormat.DATA_EXTENSION, SigmoidTreeVectorsFormat.DATA_CODEC);
      success = true;
    } finally {
      if (!success) {
        IOUtils.closeWhileHandlingException(this);
      }
    }
  }

  private IndexOutput output(String extension, String codec) throws IOException {
    String name =
        IndexFileNames.segmentFileName(state.segmentInfo.name, state.segmentSuffix, extension);
    IndexOutput output = state.directory.createOutput(name, state.context);
    boolean success = false;
    try {
      CodecUtil.writeIndexHeader(
          output,
          codec,
          SigmoidTreeVectorsFormat.VERSION_CURRENT,
          state.segmentInfo.getId(),
          state.segmentSuffix);
      success = true;
      return output;
    } finally {
      if (!success) {
        IOUtils.closeWhileHandlingException(output);
      }
    }
  }

  @Override
  public KnnFieldVectorsWriter<?> addField(FieldInfo info) throws IOException {
    FlatFieldVectorsWriter<?> vectors = flat.addField(info);
    fields.add(new Field(info, vectors));
    return vectors;
  }

  @Override
  public void flush(int maxDoc, Sorter.@Nullable DocMap sortMap) throws IOException {
    flat.flush(maxDoc, sortMap);
    for (Field field : fields) {
      if (field.info.getVectorEncoding() == VectorEncoding.FLOAT32) {
        flush(field, sortMap);
      }
    }
  }

  private void flush(Field field, Sorter.@Nullable DocMap sortMap) throws IOException {
    @SuppressWarnings("unchecked") // vectors of floats, says the encoding
    List<float[]> vectors = (List<float[]>) field.vectors.getVectors();
    int count = vectors.size();
    if (count < leastCoded) {
      return;
    }
    int[] oldOrdinals = new int[sortMap == null ? 0 : count];
    if (sortMap != null) {
      mapOldOrdToNewOrd(field.vectors.getDocsWithFieldSet(), sortMap, null, oldOrdinals, null);
    }
    Norms norms = new Norms();
    vectors.forEach(norms::add);
    int dimension = field.info.getVectorDimension();
    write(
        field.info,
        new VectorSource() {
          @Override
          public void copyTo(int row, float[] target, int offset) {
            float[] vector = vectors.get(sortMap == null ? row : oldOrdinals[row]);
            System.arraycopy(vector, 0, target, offset, dimension);
          }

          @Override
          public boolean isThreadSafe() {
            return false; // Lucene decides how many threads index
          }
        },
        count,
        norms);
  }

  @Override
  public void mergeOneField(FieldInfo info, MergeState mergeState) throws IOException {
    flat.mergeOneField(info, mergeState);
    if (info.getVectorEncoding() != VectorEncoding.FLOAT32) {
      return;
    }
    FloatVectorValues merged = MergedVectorValues.mergeFloatVectorValues(info, mergeState);
    if (merged.size() < leastCoded) {
      return; // and those that are left of them are no more
    }
    String name = null;
    boolean success = false;
    try {
      Norms norms = new Norms();
      int count;
      try (IndexOutput copy =
          state.directory.createTempOutput(out(data).getName(), "vectors", state.context)) {
        name = copy.getName();
        count = copy(merged, info.getVectorDimension(), copy, norms);
        CodecUtil.writeFooter(copy);
      }
      if (count >= leastCoded) {
        try (IndexInput vectors = state.directory.openInput(name, IOContext.RANDOM)) {
          CodecUtil.retrieveChecksum(vectors);
          write(info, source(vectors, info.getVectorDimension()), count, norms);
        } catch (UncheckedIOException e) {
          throw e.getCause();
        }
      }
      success = true;
    } finally {
      if (success) {
        state.directory.deleteFile(name);
      } else if (name != null) {
        IOUtils.deleteFilesIgnoringExceptions(state.directory, name);
      }
    }
  }

  private static int copy(FloatVectorValues values, int dimension, IndexOutput target, Norms norms)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(dimension * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    int count = 0;
    while (values.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
      float[] vector = values.vectorValue();
      norms.add(vector);
      buffer.asFloatBuffer().put(vector, 0, dimension);
      target.writeBytes(buffer.array(), buffer.capacity());
      count++;
    }
    return count;
  }

  private static VectorSource source(IndexInput vectors, int dimension) {
    return new VectorSource() {
      @Override
      public void copyTo(int row, float[] target, int offset) {
        try {
          vectors.seek((long) row * dimension * Float.BYTES);
          vectors.readFloats(target, offset, dimension);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }

      @Override
      public boolean isThreadSafe() {
        return false;
      }
    };
  }

  /** The least and the greatest squared norm. */
  private static final class Norms {
    double least = Double.POSITIVE_INFINITY;
    double greatest;

    void add(float[] vector) {
      double square = ScoreLimit.square(vector);
      least = Math.min(least, square);
      greatest = Math.max(greatest, square);
    }
  }

  /** Writes the codes of a field, if codes are of use for it. */
  private void write(FieldInfo info, VectorSource vectors, int count, Norms norms)
      throws IOException {
    VectorSimilarityFunction similarity = info.getVectorSimilarityFunction();
    if (!ScoreLimit.isUseful(similarity, norms.least, norms.greatest)) {
      return;
    }
    int dimension = info.getVectorDimension();
    boolean isCosine = similarity == VectorSimilarityFunction.COSINE;
    QuantizedVectors codes =
        CodeTrial.best(
            PlainKernel.INSTANCE,
            Kernels.best(),
            isCosine ? normalized(vectors, dimension) : vectors,
            count,
            dimension);
    if (codes != null) {
      CodesFile.write(info, codes, norms.greatest, out(meta), out(data));
    }
  }

  private static VectorSource normalized(VectorSource vectors, int dimension) {
    float[] vector = new float[dimension];
    return new VectorSource() {
      @Override
      public void copyTo(int row, float[] target, int offset) {
        vectors.copyTo(row, vector, 0);
        double norm = Math.sqrt(ScoreLimit.square(vector));
        for (int i = 0; i < vector.length; i++) {
          target[offset + i] = (float) (vector[i] / norm);
        }
      }

      @Override
      public boolean isThreadSafe() {
        return false;
      }
    };
  }

  private static IndexOutput out(@Nullable IndexOutput output) {
    if (output == null) {
      throw new IllegalStateException("the writer could not be opened");
    }
    return output;
  }

  @Override
  public void finish() throws IOException {
    if (isFinished) {
      throw new IllegalStateException("the vectors of this segment are finished already");
    }
    isFinished = true;
    flat.finish();
    out(meta).writeInt(CodesFile.END);
    CodecUtil.writeFooter(out(meta));
    CodecUtil.writeFooter(out(data));
  }

  @Override
  public void close() throws IOException {
    IOUtils.close(flat, meta, data);
  }

  @Override
  public long ramBytesUsed() {
    return SHALLOW_SIZE + flat.ramBytesUsed();
  }
}
