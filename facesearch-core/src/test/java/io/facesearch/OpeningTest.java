package io.facesearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OpeningTest {
  @Test
  void givesWhatWasOpenedOrWhyNot() {
    assertThat(new Opening<>(() -> "part").get()).isEqualTo("part");
    Opening<String> failing =
        new Opening<>(
            () -> {
              throw new FaceSearchException("no such part");
            });
    assertThatThrownBy(failing::get).hasMessage("no such part");
  }

  /**
   * As one does that runs out of memory before its task catches anything: nobody waits for ever.
   */
  @Test
  void aThreadThatEndsWithoutItsTaskIsNotWaitedFor() {
    FutureTask<String> never = new FutureTask<>(() -> "part");
    Thread ended = new Thread(() -> {});
    ended.start();
    assertThatThrownBy(() -> new Opening<>(never, ended).get())
        .isInstanceOf(OutOfMemoryError.class);
  }
}
