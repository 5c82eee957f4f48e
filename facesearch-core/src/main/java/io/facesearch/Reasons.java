package io.facesearch;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Says in words why a file or folder could not be read; never {@code null}. Stateless. */
final class Reasons {
  private Reasons() {}

  static @Nullable String of(Path file, Throwable e) {
    return of(file.toString(), e);
  }

  static @Nullable String of(String photo, Throwable e) {
    if (e instanceof ImageFormatException || e instanceof InsufficientMemoryException) {
      return e.getMessage(); // names it
    }
    return photo + " cannot be read: " + what(e);
  }

  private static String what(Throwable e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException) {
      return "it is gone since the folder was listed, or a link leads nowhere";
    }
    if (e instanceof FileSystemException f && f.getReason() != null) {
      return f.getReason();
    }
    String message = e.getMessage();
    boolean plain = e instanceof IOException && !(e instanceof FileSystemException);
    if (message == null || message.isBlank()) {
      return e.getClass().getSimpleName();
    }
    return plain ? message : e.getClass().getSimpleName() + ": " + message;
  }
}
