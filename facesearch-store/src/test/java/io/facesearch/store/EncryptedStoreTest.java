package io.facesearch.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** All of {@link FaceStoreTest} with a key, and that nothing can be read without it. */
class EncryptedStoreTest extends FaceStoreTest {
  @Override
  byte[] key() {
    return "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void nothingIsReadable() throws Exception {
    Path folder = temp.resolve("s");
    FaceStore store = open(folder);
    store.add(
        new io.facesearch.EmbeddedFace(
            io.facesearch.FaceRecord.of("secret-id", "Secret Person").withTag("tag", "secret-tag"),
            io.facesearch.Embedding.of("secret-model", 1.1f, 2.2f, 3.3f, 4.4f)));
    store.update(
        new io.facesearch.EmbeddedFace(
            io.facesearch.FaceRecord.of("secret-id", "Secret Other"),
            io.facesearch.Embedding.of("secret-model", 1.1f, 2.2f, 3.3f, 5.5f)));
    for (int round = 0; round < 2; round++) {
      assertThat(find(folder, "ecret".getBytes(StandardCharsets.UTF_8))).isFalse();
      // 1.1f in memory order
      assertThat(find(folder, new byte[] {(byte) 0xcd, (byte) 0xcc, (byte) 0x8c, 0x3f})).isFalse();
      assertThat(find(folder, key())).isFalse();
      store.close();
    }
  }
}
