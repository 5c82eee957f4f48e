package io.facesearch.lucene;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.runner.JUnitCore;
import org.junit.runner.Result;

/** Lucene's suite with many seeds, from 1 on, in one process; see docs/LUCENE.md. */
@EnabledIfSystemProperty(named = LuceneSeedsTest.SEEDS, matches = "[1-9][0-9]*")
class LuceneSeedsTest {
  static final String SEEDS = "lucene.seeds";
  private static final String SEED = "tests.seed";

  private String seedBefore;

  @BeforeEach
  void keepSeed() {
    seedBefore = System.getProperty(SEED);
  }

  @AfterEach
  void restoreSeed() {
    System.setProperty(SEED, seedBefore);
  }

  @ParameterizedTest
  @ValueSource(classes = {LuceneSuiteTest.class, LuceneSuiteWithCodesTest.class})
  void passesWithManySeeds(Class<?> suite) {
    int run = 0;
    int seeds = Integer.getInteger(SEEDS);
    for (int seed = 1; seed <= seeds; seed++) {
      System.setProperty(SEED, Integer.toHexString(seed));
      Result result = JUnitCore.runClasses(suite);
      assertThat(result.getFailures()).as("seed %x", seed).isEmpty();
      assertThat(result.getRunCount()).as("tests of seed %x", seed).isGreaterThan(40);
      run += result.getRunCount();
    }
    System.out.printf("%s: %d seeds, %d tests passed%n", suite.getSimpleName(), seeds, run);
  }
}
