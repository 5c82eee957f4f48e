package io.facesearch.server;

import java.util.Set;

/**
 * What is answered at a path, and what a request must bring for it. Everything that is decided
 * about a request before its body is read is decided by this, never by the text of its path.
 *
 * @param method of HTTP; HEAD is answered where GET is
 * @param path with parameters in braces, each one segment
 * @param access who may ask
 * @param body what the request may carry
 * @param lane where the answer is made
 * @param parameters the query may have; others are refused
 * @param handler makes the answer
 */
record Route(
    String method,
    String path,
    Access access,
    Body body,
    Workers.Lane lane,
    Set<String> parameters,
    Handler handler) {

  /** A route whose query has no parameters. */
  Route(String method, String path, Access access, Body body, Workers.Lane lane, Handler handler) {
    this(method, path, access, body, lane, Set.of(), handler);
  }

  /** The same route, whose query may have parameters. */
  Route takes(String... names) {
    return takes(Set.of(names));
  }

  /** The same route, whose query may have parameters. */
  Route takes(Set<String> names) {
    return new Route(method, path, access, body, lane, names, handler);
  }

  /** The same route of one of several galleries. */
  Route at(String newPath) {
    return new Route(method, newPath, access, body, lane, parameters, handler);
  }

  /** Who may ask. There is no default: a route cannot forget to say it. */
  enum Access {
    /** Whoever has a token, if there is one; never a page of another origin. */
    SEARCH,
    /** Whoever has the token that may change the gallery, if there is one; likewise. */
    CHANGE,
    /** Everybody; never a page of another origin. */
    OPEN,
    /** Everybody, as a link on any page may lead here. */
    PAGE
  }

  /** Whether a token is needed, if there is one. */
  boolean needsToken() {
    return access == Access.SEARCH || access == Access.CHANGE;
  }

  /** What a request may carry. */
  enum Body {
    NONE,
    JSON,
    JSON_WITH_PHOTOS,
    PHOTO,
    PHOTO_OR_JSON
  }

  /** Makes an answer. */
  @FunctionalInterface
  interface Handler {
    void handle(Exchange exchange) throws Exception;
  }
}
