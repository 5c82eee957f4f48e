package io.facesearch.server;

import io.facesearch.FaceInfo;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the parameters of requests; what they may not be is a {@link Problem}. Stateless. */
final class Requests {
  private Requests() {}

  static Optional<Integer> faceNumber(Exchange exchange) {
    return Optional.ofNullable(exchange.queryParam("face"))
        .map(text -> Fields.whole("face", text, 0, Limits.MAX_FACES - 1));
  }

  /** A whole number of the query, or the standard one. */
  static int number(Exchange exchange, String name, int standard, int min, int max) {
    return Optional.ofNullable(exchange.queryParam(name))
        .map(text -> Fields.whole(name, text, min, max))
        .orElse(standard);
  }

  /** Which part of a list is wanted. */
  record Part(int limit, int offset) {
    <T> Stream<T> of(List<T> all) {
      return all.stream().skip(offset).limit(limit);
    }
  }

  static Part part(Exchange exchange) {
    return new Part(
        number(exchange, "limit", 100, 1, 1000),
        number(exchange, "offset", 0, 0, Integer.MAX_VALUE));
  }

  static boolean flag(Exchange exchange, String name) {
    String value = exchange.queryParam(name);
    if (value == null || value.equals("false")) {
      return false;
    }
    if (value.equals("true")) {
      return true;
    }
    throw Problem.badRequest(name + " must be true or false");
  }

  /** A name that people may be given; empty if there is none. */
  static Optional<String> name(@Nullable String name) {
    if (name == null || name.isBlank()) {
      return Optional.empty();
    }
    String clean = name.strip();
    if (clean.length() > Limits.MAX_NAME) {
      throw Problem.badRequest("a name must have at most " + Limits.MAX_NAME + " characters");
    }
    try {
      return FaceInfo.person(clean).person();
    } catch (IllegalArgumentException e) {
      throw Problem.badRequest(String.valueOf(e.getMessage()));
    }
  }
}
