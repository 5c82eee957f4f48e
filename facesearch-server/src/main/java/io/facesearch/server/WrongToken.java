package io.facesearch.server;

/** A request with a wrong token, whose answer is held back. */
final class WrongToken extends Problem {
  private static final long serialVersionUID = 1L;

  private final transient Guesses.Guess guess;

  WrongToken(String code, String detail, Guesses.Guess guess) {
    super(401, code, detail);
    this.guess = guess;
  }

  Guesses.Guess guess() {
    return guess;
  }
}
