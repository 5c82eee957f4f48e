package io.facesearch.internal;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What lies in folders of photos but is nobody's photo: told by its name. Stateless. */
public final class ForeignFiles {
  private static final Set<String> FOREIGN =
      Set.of(
          "@eadir",
          "@tmp",
          "@recycle",
          "@recently-snapshot",
          "@__thumb",
          "#recycle",
          "#snapshot",
          "$recycle.bin",
          "recycler",
          "system volume information",
          "__macosx",
          "lost+found",
          "thumbs.db",
          "ehthumbs.db",
          "ehthumbs_vista.db",
          "desktop.ini",
          "icon\r");

  private static final List<String> FOREIGN_ENDINGS = List.of("@synoeastream", "@synoresource");

  private ForeignFiles() {}

  /**
   * Whether other software put a file or folder of this name there: hidden, trash, thumbnails.
   *
   * @param name without a folder
   * @return true if it is to be passed over
   */
  public static boolean isForeign(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return name.startsWith(".")
        || FOREIGN.contains(lower)
        || FOREIGN_ENDINGS.stream().anyMatch(lower::endsWith);
  }
}
