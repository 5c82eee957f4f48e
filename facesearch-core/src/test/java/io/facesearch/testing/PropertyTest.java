package io.facesearch.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;

class PropertyTest {
  private static final List<Integer> SEEN = new ArrayList<>();
  private static final Map<String, String> PARAMETERS =
      Map.of("fails", "long", "hasNoArgument", "int");
  private static final Set<String> TEXTS = new HashSet<>();

  @Property(tries = 300)
  void allOfARangeAreDrawn(@ForAll @IntRange(min = -2, max = 3) int number) {
    SEEN.add(number);
  }

  @Property(tries = 300)
  void textsAndMadeArguments(@ForAll @Size(max = 5) String text, @ForAll("made") int[] made) {
    assertThat(text.length()).isLessThanOrEqualTo(6);
    assertThat(made).hasSize(3);
    TEXTS.add(text);
  }

  static int[] made(Random random) {
    return new int[3];
  }

  @Property(tries = 500)
  void numbersStayInTheirRange(
      @ForAll @DoubleRange(min = 1e-11, max = 1e-3) double number, @ForAll byte small) {
    assertThat(number).isBetween(1e-11, 1e-3);
  }

  @AfterAll
  static void everythingWasDrawn() {
    if (SEEN.size() + TEXTS.size() > 0) {
      assertThat(SEEN).hasSize(300).contains(-2, -1, 0, 1, 2, 3);
      assertThat(TEXTS.size()).isGreaterThan(100);
    }
  }

  /** Failing ones are run by an engine of their own. */
  @Test
  void aFailureTellsTheSeedThatRepeatsIt() {
    String message = failure("fails");
    assertThat(message).contains("of 1000 failed with [").contains("repeat it with @Property(seed");
    assertThat(failure("failsAtOnce")).contains("try 1 of 10").contains("seed = 77L");
  }

  private static String failure(String method) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectMethod(Failing.class, method, PARAMETERS.getOrDefault(method, "")))
        .execute()
        .allEvents()
        .failed()
        .stream()
        .map(event -> event.getRequiredPayload(TestExecutionResult.class))
        .map(result -> result.getThrowable().orElseThrow().getMessage())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatCannotRunFails() {
    assertThat(failure("isNotTried")).contains("tries must be at least 1");
    assertThat(failure("hasNoArgument")).contains("min must be at most max");
  }

  static class Failing {
    @Property(tries = 0)
    void isNotTried() {}

    @Property
    void hasNoArgument(@ForAll @IntRange(min = 5, max = 4) int number) {}

    @Property
    void fails(@ForAll long number) {
      assertThat(number % 7).isNotZero();
    }

    @Property(tries = 10, seed = 77)
    void failsAtOnce() {
      throw new IllegalStateException("always");
    }
  }
}
