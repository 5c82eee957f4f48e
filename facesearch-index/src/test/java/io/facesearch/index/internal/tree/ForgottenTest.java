package io.facesearch.index.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.Metric;
import io.facesearch.index.internal.file.KnownFiles;
import io.facesearch.index.internal.file.TreeIndexFile;
import io.facesearch.index.internal.quantize.PlainKernel;
import io.facesearch.index.internal.snapshot.ScanIndex;
import io.facesearch.index.internal.snapshot.SnapshotIndex;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Looks for the vectors of a forgotten person in all that an index refers to. */
class ForgottenTest {
  /** A number that no other vector holds. */
  private static final float MARK = 1234.5678f;

  /** Long, so that no codes look like it. */
  private static final String HER = "Ann of Green Gables";

  @TempDir Path folder;

  private static EmbeddedFace face(int i) {
    float[] vector = new float[8];
    for (int j = 0; j < vector.length; j++) {
      vector[j] = (i * 31 + j * 7) % 101;
    }
    boolean isHers = i % 50 == 7;
    vector[3] = isHers ? MARK : vector[3];
    return new EmbeddedFace(
        FaceRecord.of("f" + i, isHers ? HER : "p" + i % 5), Embedding.of("m", vector));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nothingOfThemIsLeftInMemory(boolean flat) throws Exception {
    SnapshotIndex<?> index =
        flat
            ? new ScanIndex(Metric.EUCLIDEAN)
            : TreeIndex.builder().leafSize(8).codeUse(CodeUse.always(PlainKernel.INSTANCE)).build();
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      faces.add(face(i));
    }
    index.addAll(faces);
    for (int i = 2000; i < 2300; i++) {
      index.add(face(i));
    }
    assertThat(index.search(face(7).embedding(), 3).matches().get(0).face().id()).isEqualTo("f7");
    index.remove("f57"); // still in its place, and hers
    assertThat(traces(index)).isPositive();
    assertThat(index.forget(HER).faces()).isEqualTo(45);
    assertThat(traces(index)).isZero();
  }

  /** What was loaded keeps records as bytes. */
  @Test
  void nothingOfThemIsLeftOfAFile() throws Exception {
    TreeIndex index = TreeIndex.builder().build();
    for (int i = 0; i < 2300; i++) {
      index.add(face(i));
    }
    index.close();
    TreeIndexFile.write(index, new KnownFiles(), folder.resolve("faces.idx"), true);
    TreeIndex loaded = TreeIndexFile.load(TreeIndex.builder(), folder.resolve("faces.idx"));
    loaded.remove("f57");
    assertThat(traces(loaded)).isGreaterThan(46);
    assertThat(loaded.forget(HER).faces()).isEqualTo(45);
    assertThat(traces(loaded)).isZero();
    assertThat(loaded.faces()).hasSize(2300 - 46);
  }

  private static int traces(Object root) throws IllegalAccessException {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Object> open = new ArrayDeque<>(List.of(root));
    int traces = 0;
    while (!open.isEmpty()) {
      Object next = open.remove();
      if (!seen.add(next)) {
        continue;
      }
      if (next instanceof float[] floats) {
        for (float value : floats) {
          traces += value == MARK ? 1 : 0;
        }
      } else if (next instanceof double[] doubles) {
        for (double value : doubles) {
          traces += value == MARK ? 1 : 0;
        }
      } else if (next instanceof byte[] bytes) {
        traces += new String(bytes, StandardCharsets.ISO_8859_1).contains(HER) ? 1 : 0;
      } else if (next instanceof FaceRecord record) {
        traces += record.person().orElse("").equals(HER) ? 1 : 0;
      } else if (next.getClass().isArray()) {
        for (int i = 0;
            !next.getClass().componentType().isPrimitive() && i < Array.getLength(next);
            i++) {
          if (Array.get(next, i) != null) {
            open.add(Array.get(next, i));
          }
        }
      } else if (next instanceof Iterable<?> some && !(next instanceof Path)) {
        some.forEach(open::add);
      } else if (next.getClass().getName().startsWith("io.facesearch")) {
        for (Class<?> type = next.getClass();
            type.getName().startsWith("io.facesearch");
            type = type.getSuperclass()) {
          for (Field field : type.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
              field.setAccessible(true);
              Object value = field.get(next);
              if (value instanceof java.util.concurrent.atomic.AtomicReferenceArray<?> array) {
                for (int i = 0; i < array.length(); i++) {
                  if (array.get(i) != null) {
                    open.add(array.get(i));
                  }
                }
              } else if (value != null) {
                open.add(value);
              }
            }
          }
        }
      }
    }
    return traces;
  }
}
