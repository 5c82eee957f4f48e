package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.facesearch.DecisionThreshold;
import io.facesearch.FaceIndex;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Commands speak to a gallery; the few that look beneath it, or at thresholds, are listed here. */
class PackagesTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.facesearch.cli");

  /** All modules but the benchmarks; the contracts that core publishes are tests, too. */
  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("io.facesearch");

  private static Set<String> usersOf(Class<?> type) {
    Set<String> users = new TreeSet<>();
    for (JavaClass each : CLASSES) {
      if (each.getDirectDependenciesFromSelf().stream()
          .anyMatch(use -> use.getTargetClass().isEquivalentTo(type))) {
        users.add(outermost(each));
      }
    }
    return users;
  }

  private static String outermost(JavaClass some) {
    return some.getEnclosingClass().map(PackagesTest::outermost).orElse(some.getSimpleName());
  }

  @Test
  void noCommandKnowsTheIndex() {
    assertThat(usersOf(FaceIndex.class)).isEmpty();
  }

  @Test
  void onlyWhatReadsPrintsOrMakesThresholdsKnowsThem() {
    assertThat(usersOf(DecisionThreshold.class))
        .containsExactly(
            "EvaluateCalibrateCommand",
            "EvaluateIdentifyCommand",
            "EvaluateVerificationCommand",
            "Thresholds");
  }

  @Test
  void everyPackageSaysWhatMayBeNull() {
    Set<String> unmarked = new TreeSet<>();
    for (JavaClass each : ALL) {
      if (!each.getPackage().isAnnotatedWith(NullMarked.class)) {
        unmarked.add(each.getPackageName());
      }
    }
    assertThat(unmarked).isEmpty();
    assertThat(ALL.getPackage("io.facesearch").getSubpackagesInTree()).hasSizeGreaterThan(15);
  }

  /** What may be missing is nullable inside, and an Optional only where a method returns it. */
  @Test
  void noFieldAndNoParameterIsAnOptional() {
    Set<String> optional = new TreeSet<>();
    for (JavaClass each : ALL) {
      for (JavaField field : each.getFields()) {
        if (isOptional(field.getRawType())) {
          optional.add(field.getFullName());
        }
      }
      for (JavaCodeUnit unit : each.getCodeUnits()) {
        // Of a lambda, parameters are what streams and futures hand over.
        if (!unit.getName().startsWith("lambda$")
            && unit.getRawParameterTypes().stream().anyMatch(PackagesTest::isOptional)) {
          optional.add(unit.getFullName());
        }
      }
    }
    assertThat(optional).isEmpty();
  }

  private static boolean isOptional(JavaClass type) {
    return type.getName().startsWith("java.util.Optional");
  }
}
