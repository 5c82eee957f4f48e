package io.facesearch.lucene;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class PackagesTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.facesearch.lucene");

  /** Codes and their search, and nothing of trees in memory, galleries or stores. */
  @Test
  void theFormatKnowsCodesAndLuceneOnly() {
    assertThat(CLASSES).hasSizeGreaterThan(4);
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.facesearch.lucene",
            "io.facesearch.index.internal.codec",
            "io.facesearch.index.internal.quantize",
            "io.facesearch.index.internal.tree",
            "org.apache.lucene..",
            "org.jspecify.annotations",
            "java..")
        .check(CLASSES);
  }
}
