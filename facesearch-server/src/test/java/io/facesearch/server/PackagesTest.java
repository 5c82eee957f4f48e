package io.facesearch.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.facesearch.FaceIndex;
import org.junit.jupiter.api.Test;

/** The server knows the gallery, and neither how nor where it keeps faces. */
class PackagesTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.facesearch.server");

  @Test
  void knowsNoIndexAndNoStore() {
    assertThat(CLASSES.contain(FaceServer.class)).isTrue();
    noClasses()
        .should()
        .dependOnClassesThat()
        .areAssignableTo(FaceIndex.class)
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage("io.facesearch.index..", "io.facesearch.store..")
        .check(CLASSES);
  }

  @Test
  void knowsNothingThatIsNotPublic() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.facesearch.internal..")
        .check(CLASSES);
  }
}
