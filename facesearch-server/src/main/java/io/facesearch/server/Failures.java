package io.facesearch.server;

import io.facesearch.CorruptIndexException;
import io.facesearch.IndexWriteException;
import io.facesearch.ModelMismatchException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.regex.Pattern;

/**
 * Says what failed without naming anything: messages of exceptions hold paths and names, which
 * neither leave the machine nor belong into logs. The whole failure is logged at level DEBUG.
 */
final class Failures {
  private Failures() {}

  /** In words where the operator can do something, and the class and line where it happened. */
  static String describe(Throwable failure) {
    Throwable root = root(failure);
    return (isDiskFull(failure) ? FULL : known(root))
        + " ("
        + root.getClass().getSimpleName()
        + where(root)
        + ")";
  }

  /** In words alone: what clients may be told. */
  static String words(Throwable failure) {
    return isDiskFull(failure) ? FULL : known(root(failure));
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    for (int i = 0; i < 20 && root.getCause() != null && isWrapper(root); i++) {
      root = root.getCause();
    }
    return root;
  }

  private static boolean isWrapper(Throwable failure) {
    return failure instanceof UncheckedIOException || known(failure).equals(UNKNOWN);
  }

  private static final String UNKNOWN = "failed inside";
  private static final String FULL = "no room is left on a disk";

  /** What systems and SQLite say. */
  private static final Pattern NO_ROOM =
      Pattern.compile(
          "No space left on device|not enough space on the disk|Disk quota exceeded|SQLITE_FULL");

  private static boolean isDiskFull(Throwable failure) {
    Throwable cause = failure;
    for (int i = 0; i < 20 && cause != null; i++, cause = cause.getCause()) {
      String message = cause.getMessage();
      if (message != null && NO_ROOM.matcher(message).find()) {
        return true;
      }
    }
    return false;
  }

  private static String known(Throwable failure) {
    if (failure instanceof NoSuchFileException) {
      return "a file or folder is not there";
    }
    if (failure instanceof NotDirectoryException) {
      return "a file is where a folder should be";
    }
    if (failure instanceof AccessDeniedException) {
      return "no permission for a file or folder";
    }
    if (failure instanceof FileSystemException) {
      return "a file or folder cannot be read or written";
    }
    if (failure instanceof IndexWriteException) {
      return "the gallery cannot be written";
    }
    if (failure instanceof CorruptIndexException) {
      return "the gallery is damaged; 'facesearch info' says where";
    }
    if (failure instanceof ModelMismatchException) {
      return "the gallery was made with another model";
    }
    return UNKNOWN;
  }

  private static String where(Throwable failure) {
    for (StackTraceElement line : failure.getStackTrace()) {
      if (line.getClassName().startsWith("io.facesearch.")) {
        String name = line.getClassName();
        return ", " + name.substring(name.lastIndexOf('.') + 1) + ":" + line.getLineNumber();
      }
    }
    return "";
  }
}
