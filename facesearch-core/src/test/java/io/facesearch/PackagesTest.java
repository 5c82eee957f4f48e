package io.facesearch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Which package may know which: {@code internal} is beneath {@code spi}, and both know the
 * vocabulary of {@code io.facesearch}, which uses both.
 */
class PackagesTest {
  private static final String SPI = "io.facesearch.spi";
  private static final String INTERNAL = "io.facesearch.internal";
  private static final String IMAGE = "io.facesearch.internal.image";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.facesearch");

  private static Set<String> users(String from, String to) {
    return CLASSES.stream()
        .filter(c -> c.getPackageName().equals(from))
        .flatMap(c -> c.getDirectDependenciesFromSelf().stream())
        .filter(use -> use.getTargetClass().getPackageName().equals(to))
        .map(use -> outermost(use.getOriginClass()) + " knows " + outermost(use.getTargetClass()))
        .collect(Collectors.toSet());
  }

  private static String outermost(JavaClass some) {
    return some.getEnclosingClass().map(PackagesTest::outermost).orElse(some.getSimpleName());
  }

  @Test
  void internalKnowsNoInterfaceToPlugIn() {
    noClasses()
        .that()
        .resideInAPackage(INTERNAL)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(SPI)
        .check(CLASSES);
  }

  @Test
  void whatPlugInsUseIsInternalInTwoPlacesOnly() {
    assertThat(users(SPI, INTERNAL))
        .containsExactlyInAnyOrder(
            "PeopleGrouping knows FaceClusters", "GalleryStorage knows Mentions");
  }

  /** The readers of image files know what they throw, and nothing else of the vocabulary. */
  @Test
  void imageFilesAreReadInARoomOfTheirOwn() {
    assertThat(
            CLASSES.stream()
                .filter(c -> c.getPackageName().equals(IMAGE))
                .flatMap(c -> c.getDirectDependenciesFromSelf().stream())
                .map(use -> use.getTargetClass())
                .filter(c -> c.getPackageName().startsWith("io.facesearch"))
                .filter(c -> !c.getPackageName().equals(IMAGE))
                .map(JavaClass::getSimpleName)
                .collect(Collectors.toSet()))
        .containsExactlyInAnyOrder("ImageFormatException", "InsufficientMemoryException");
    assertThat(users("io.facesearch", IMAGE).stream().map(use -> use.split(" ")[0]))
        .containsOnly("FaceImage", "FaceImageReader", "PhotoPeople", "PhotoTags", "PhotoWalk");
    assertThat(CLASSES.stream().filter(c -> c.getPackageName().equals("io.facesearch")))
        .noneMatch(c -> c.getSimpleName().matches("(Jpeg|Png|Tiff|Exif|Xmp).*"));
  }

  /** Nobody outside of this project can use what no package exports. */
  @Test
  void noSignatureThatPlugInsSeeNamesInternals() {
    for (JavaClass type : CLASSES) {
      if (type.getPackageName().startsWith(INTERNAL)) {
        continue;
      }
      type.getCodeUnits().stream()
          .filter(
              unit ->
                  isSeen(type)
                      && unit.getModifiers().stream()
                          .anyMatch(m -> m.name().equals("PUBLIC") || m.name().equals("PROTECTED")))
          .forEach(
              unit -> {
                assertThat(unit.getRawReturnType().getPackageName())
                    .as(unit.getFullName())
                    .doesNotStartWith(INTERNAL);
                assertThat(unit.getRawParameterTypes())
                    .as(unit.getFullName())
                    .noneMatch(parameter -> parameter.getPackageName().startsWith(INTERNAL));
              });
    }
    assertThat(CLASSES).anyMatch(PackagesTest::isSeen);
  }

  private static boolean isSeen(JavaClass type) {
    return type.getModifiers().stream().anyMatch(m -> m.name().equals("PUBLIC"))
        && type.getEnclosingClass().map(PackagesTest::isSeen).orElse(true);
  }
}
