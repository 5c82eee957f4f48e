package io.facesearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PersonNameTest {
  @ParameterizedTest
  @ValueSource(strings = {"Ann", "Ann Müller", "王芳", "\uD83D\uDE00", "O'Neil-Å / 7"})
  void oneLineOfTextIsAName(String name) {
    assertThat(FaceInfo.person(name).person()).hasValue(name);
    assertThat(Photo.of("a", new byte[0]).person(name).info().person()).hasValue(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"An\u0000n", "An\nn", "An\u001bn", "An\u0085n", "An\u2028n", "An\uD800n"})
  void whatNobodySeesIsNone(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FaceInfo.person(name))
        .withMessageContaining("one line of text")
        .withMessageContaining("character 3 of 4 is U+")
        .withMessageContaining("leave it out");
    assertThatIllegalArgumentException().isThrownBy(() -> Photo.of("a", new byte[0]).person(name));
  }

  /** As typed or pasted; nobody sees them, and they would make another person. */
  @ParameterizedTest
  @ValueSource(strings = {" Ann", "Ann ", "\u2003Ann Lee\u3000", "  Ann"})
  void blanksAtTheEndsAreLeftOut(String name) {
    assertThat(FaceInfo.person(name).person()).hasValue(name.strip());
    assertThat(name.strip()).startsWith("Ann").doesNotEndWith(" ");
  }

  @Test
  void aNameIsNotEmpty() {
    for (String name : new String[] {"", " ", "\t"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> FaceInfo.person(name))
          .withMessageContaining("must not be empty");
    }
  }

  @Test
  void aNameHasAtMostAThousandCharacters() {
    assertThat(FaceInfo.person("x".repeat(1000)).person()).isPresent();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FaceInfo.person("x".repeat(1001)))
        .withMessageContaining("at most 1000 characters, but has 1001");
  }
}
