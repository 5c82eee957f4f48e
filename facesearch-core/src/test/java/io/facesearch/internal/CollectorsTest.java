package io.facesearch.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class CollectorsTest {
  @Test
  void findsEachWhereverItLies() throws IOException {
    for (String known : Collectors.KNOWN) {
      for (Charset charset : List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE)) {
        byte[] text = known.getBytes(charset);
        // In the middle, at both ends, and across the border of what is read at once.
        for (int at : new int[] {0, 1000, (1 << 20) - 5, (2 << 20) - text.length}) {
          byte[] bytes = new byte[2 << 20];
          System.arraycopy(text, 0, bytes, at, text.length);
          assertThat(Collectors.find(new ByteArrayInputStream(bytes)))
              .as("%s at %d", known, at)
              .contains(known);
        }
      }
    }
  }

  @Test
  void findsNothingElse() throws IOException {
    byte[] text =
        "setTelemetry events.data.example.com https://arxiv.org".getBytes(StandardCharsets.UTF_8);
    assertThat(Collectors.find(new ByteArrayInputStream(text))).isEmpty();
    assertThat(Collectors.find(new ByteArrayInputStream(new byte[0]))).isEmpty();
  }
}
