package io.facesearch.store;

import io.facesearch.FaceSearchException;
import io.facesearch.IndexLockedException;
import io.facesearch.IndexWriteException;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sqlite.SQLiteErrorCode;

/** Says what failures of SQLite mean for a store, and how to mend them. Stateless. */
final class SqlFailures {
  /** What is done, for messages. */
  static final String OPENED = "opened";

  private static final Pattern PAGE_NUMBER = Pattern.compile("[Pp]age (\\d+)");

  private SqlFailures() {}

  /** What a failure of SQLite means. */
  static FaceSearchException of(DatabaseFile file, String done, SQLException e) {
    SQLiteErrorCode code = SQLiteErrorCode.getErrorCode(e.getErrorCode() & 0xff);
    return switch (code) {
      case SQLITE_CORRUPT, SQLITE_NOTADB -> file.corrupt(place(String.valueOf(e.getMessage())), e);
      case SQLITE_BUSY, SQLITE_LOCKED ->
          new IndexLockedException(
              file.path() + " is open in another process; close it there first", e);
      case SQLITE_FULL, SQLITE_IOERR, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_NOLFS ->
          new IndexWriteException(
              file.path()
                  + " could not be "
                  + done
                  + " ("
                  + e.getMessage()
                  + ")"
                  + (done.equals(OPENED)
                      ? ": a store needs some free space to be opened, even to be searched;"
                          + " nothing was changed"
                      : "; nothing of this call was stored")
                  + "; free space, or make the folder writable, and repeat",
              e);
      default ->
          new FaceSearchException(file.path() + " could not be " + done + ": " + e.getMessage(), e);
    };
  }

  /** Where SQLite found damage, as an offset if it names a page. */
  static String place(String message) {
    Matcher page = PAGE_NUMBER.matcher(String.valueOf(message));
    if (page.find() && page.group(1).length() < 10) {
      return message + " (offset " + (Long.parseLong(page.group(1)) - 1) * DatabaseFile.PAGE + ")";
    }
    return message;
  }
}
