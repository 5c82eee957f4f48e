package io.facesearch.index;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.facesearch.FaceIndex;
import io.facesearch.spi.IndexProvider;
import org.junit.jupiter.api.Test;

/** Which package may know which. */
class PackagesTest {
  private static final String ROOM = "io.facesearch.index.internal.";
  private static final String PUBLIC = "io.facesearch.index";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(PUBLIC);

  private static void mayNotKnow(String room, String... others) {
    noClasses()
        .that()
        .resideInAPackage(ROOM + room)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .check(CLASSES);
  }

  @Test
  void codesAndSnapshotsKnowNoTree() {
    mayNotKnow("quantize", PUBLIC, ROOM + "tree", ROOM + "snapshot", ROOM + "file", ROOM + "codec");
    mayNotKnow("snapshot", PUBLIC, ROOM + "tree", ROOM + "file");
    mayNotKnow("codec", PUBLIC, ROOM + "tree", ROOM + "file", ROOM + "snapshot", ROOM + "quantize");
  }

  @Test
  void noneOfThemKnowsThePublicIndexes() {
    mayNotKnow("tree", PUBLIC, ROOM + "file");
    mayNotKnow("file", PUBLIC);
  }

  @Test
  void thereAreNoCircles() {
    slices().matching("io.facesearch.index.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  /** Else the rules above might hold because nothing was looked at. */
  @Test
  void eachRoomHasClasses() {
    for (String room : new String[] {"codec", "file", "quantize", "snapshot", "tree"}) {
      assertThat(CLASSES.stream().filter(c -> c.getPackageName().equals(ROOM + room)))
          .as(room)
          .hasSizeGreaterThan(2);
    }
  }

  @Test
  void theInterfaceKnowsNotWhoMakesIt() {
    JavaClasses core = new ClassFileImporter().importClasses(FaceIndex.class, IndexProvider.class);
    classes()
        .that()
        .haveSimpleName("FaceIndex")
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackage("io.facesearch.spi")
        .check(core);
  }
}
