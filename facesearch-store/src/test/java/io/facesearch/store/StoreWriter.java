package io.facesearch.store;

import io.facesearch.IndexWriteException;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import org.sqlite.SQLiteJDBCLoader;

/**
 * A process that changes a store by a {@link StoreScript} and writes one byte for each change that
 * returned, to be killed. The arguments: the folder, the seed, how many changes are done, whether
 * there is a key. A full disk is answered by {@code !}, and by {@code +} if the store goes on after
 * the limit of this process was lifted.
 */
final class StoreWriter {
  private StoreWriter() {}

  static FaceStore.Builder builder(Path folder, boolean encrypted) {
    FaceStore.Builder builder =
        FaceStore.builder(folder)
            .sync(SyncPolicy.interval(Duration.ofMillis(5)))
            .index(SigmoidTreeIndex.builder().leafSize(16).rebuildShare(0.03));
    return encrypted ? builder.key(new byte[32]) : builder;
  }

  public static void main(String[] args) throws Exception {
    if (!args[4].equals("0")) {
      SQLiteJDBCLoader.initialize(); // which writes a file
      limitFiles(args[4] + ":");
    }
    StoreScript script = new StoreScript(Long.parseLong(args[1]));
    while (script.done() < Integer.parseInt(args[2])) {
      script.next(null);
    }
    OutputStream out = System.out;
    FaceStore store = builder(Path.of(args[0]), Boolean.parseBoolean(args[3])).open();
    try {
      while (true) {
        script.next(store);
        out.write('.');
        out.flush();
        if (script.done() % 200 == 0) {
          store.close();
          store = builder(Path.of(args[0]), Boolean.parseBoolean(args[3])).open();
        }
      }
    } catch (IndexWriteException e) {
      out.write('!');
      out.flush();
      // What failed is not there, what was there still is.
      StoreScript before = new StoreScript(Long.parseLong(args[1]));
      while (before.done() < script.done()) {
        before.next(null);
      }
      if (!store.faces().equals(before.faces())) {
        throw new AssertionError("the failed change was made in memory", e);
      }
      limitFiles("unlimited");
      before.next(store);
      store.verify();
      store.close();
      out.write('+');
      out.flush();
    }
  }

  static void limitFiles(String most) throws IOException, InterruptedException {
    Process limit =
        new ProcessBuilder(
                "prlimit", "--pid", "" + ProcessHandle.current().pid(), "--fsize=" + most)
            .inheritIO()
            .start();
    if (limit.waitFor() != 0) {
      throw new AssertionError("prlimit failed");
    }
  }
}
