package io.facesearch.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Set;
import org.commonmark.parser.Parser;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SpellingTest {
  private static Spelling spelling;

  @BeforeAll
  static void readDictionary() throws IOException {
    spelling = Spelling.american();
  }

  private static Set<String> page(String markdown) {
    return spelling.ofPage(Parser.builder().build().parse(markdown));
  }

  @Test
  void misspelledAndBritishWordsOfPagesAreFound() {
    assertThat(page("# Recieve\n\nThe colour of *embeddnigs* and [lincences](README.md)."))
        .containsExactly("Recieve", "colour", "embeddnigs", "lincences");
  }

  @Test
  void ownWordsNamesOfCodeAndCodeArePassed() {
    assertThat(page("Lucene's and dlib’s FaceImage, JPEG, fsx6, `recieve`\n\n```\ncolour\n```\n"))
        .isEmpty();
  }

  @Test
  void misspelledWordsOfJavadocAreFound() {
    String java =
        """
        /**
         * Teh nearest {@code facez} of <a href="https://exampel.org">a paeg</a>, at
         * {@link Galery most}.
         *
         * @param idd what it belngs to
         */
        int serach(int idd); // nto here
        """;
    assertThat(spelling.ofJavadoc(java)).containsExactly("Teh", "belngs", "paeg");
  }
}
