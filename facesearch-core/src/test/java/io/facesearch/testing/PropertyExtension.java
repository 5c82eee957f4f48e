package io.facesearch.testing;

import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** Runs a {@link Property}: one test for JUnit, in which the method is called for every try. */
final class PropertyExtension implements TestTemplateInvocationContextProvider {
  @Override
  public boolean supportsTestTemplate(ExtensionContext context) {
    return context.getRequiredTestMethod().isAnnotationPresent(Property.class);
  }

  @Override
  public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
      ExtensionContext context) {
    Property property = context.getRequiredTestMethod().getAnnotation(Property.class);
    if (property.tries() < 1) {
      throw new IllegalArgumentException("tries must be at least 1, but are: " + property.tries());
    }
    long seed = property.seed() == 0 ? new SplittableRandom().nextLong() : property.seed();
    return Stream.of(
        new TestTemplateInvocationContext() {
          @Override
          public String getDisplayName(int index) {
            return property.tries() + " tries, seed " + seed;
          }

          @Override
          public List<Extension> getAdditionalExtensions() {
            return List.of(new Tries(property.tries(), seed));
          }
        });
  }

  /** Seeds that follow each other would give much the same first numbers. */
  private static Random random(long seed) {
    return new Random(new SplittableRandom(seed).nextLong());
  }

  /** Draws the arguments of each try, whose seeds follow each other. */
  private record Tries(int tries, long seed) implements InvocationInterceptor, ParameterResolver {
    /** The interceptor draws them; JUnit asks for a first set, which is not used. */
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.isAnnotated(ForAll.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      Class<?> type = parameter.getParameter().getType();
      return Array.get(Array.newInstance(type, 1), 0);
    }

    @Override
    public void interceptTestTemplateMethod(
        Invocation<Void> invocation,
        ReflectiveInvocationContext<Method> call,
        ExtensionContext context)
        throws Throwable {
      invocation.skip();
      Method method = call.getExecutable();
      method.setAccessible(true);
      Object test = call.getTarget().orElseThrow();
      for (int i = 0; i < tries; i++) {
        Object[] arguments = Arguments.draw(method, test, random(seed + i));
        try {
          method.invoke(test, arguments);
        } catch (InvocationTargetException e) {
          throw new AssertionError(
              String.format(
                  "try %d of %d failed with %s; repeat it with @Property(seed = %dL): %s",
                  i + 1, tries, Arrays.deepToString(arguments), seed + i, e.getCause()),
              e.getCause());
        }
      }
    }
  }
}
