package io.facesearch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A folder of photos, for adding to a gallery and keeping it up to date. Immutable; thread-safe if
 * the functions given to it are.
 *
 * <pre>{@code
 * PhotoSource.folder(Path.of("photos")).followLinks(true)
 * }</pre>
 */
public final class FolderSource implements PhotoSource {
  private final PhotoRoot root;
  private final boolean followLinks;
  private final Function<Path, Optional<String>> person;
  private final Function<Path, Map<String, TagValue>> tags;

  private FolderSource(
      PhotoRoot root,
      boolean followLinks,
      Function<Path, Optional<String>> person,
      Function<Path, Map<String, TagValue>> tags) {
    this.root = Objects.requireNonNull(root, "root");
    this.followLinks = followLinks;
    this.person = Objects.requireNonNull(person, "person");
    this.tags = Objects.requireNonNull(tags, "tags");
  }

  static FolderSource of(PhotoRoot root) {
    return new FolderSource(
        root,
        false,
        file -> Optional.ofNullable(file.getParent()).map(PhotoNames::of),
        file -> Map.of());
  }

  /**
   * Sets whether symbolic links in the folder are followed; default false. Each folder and file is
   * visited only once, so cycles do no harm.
   *
   * @param on true to follow them
   * @return a copy
   */
  public FolderSource followLinks(boolean on) {
    return new FolderSource(root, on, person, tags);
  }

  /**
   * Sets how to tell whose photo a file is; the default is the name of the folder that contains it,
   * as {@link PhotoRoot} writes it.
   *
   * @param whose gives the name for a path relative to the folder; thread-safe
   * @return a copy
   */
  public FolderSource person(Function<Path, Optional<String>> whose) {
    return new FolderSource(root, followLinks, whose, tags);
  }

  /**
   * Sets the tags that the faces of a file get; default none.
   *
   * @param which gives the tags for a path relative to the folder; thread-safe
   * @return a copy
   */
  public FolderSource tags(Function<Path, Map<String, TagValue>> which) {
    return new FolderSource(root, followLinks, person, which);
  }

  /** {@return the folder and its name} */
  public PhotoRoot root() {
    return root;
  }

  /**
   * Lists the photos that {@link Gallery#addAll(PhotoSource)} would add, without reading them.
   *
   * @return the files, sorted by name
   * @throws IOException if the folder is missing or cannot be listed
   */
  public List<Path> files() throws IOException {
    Path folder = root.folder().toRealPath();
    return PhotoWalk.of(folder, root.name(), followLinks).photos.stream()
        .map(PhotoWalk.Found::file)
        .toList();
  }

  boolean followsLinks() {
    return followLinks;
  }

  /**
   * Returns whose photo a file is, as set by {@link #person(Function)}.
   *
   * @param relativeFile relative to the folder
   * @return the name; empty if it is nobody's
   */
  public Optional<String> personOf(Path relativeFile) {
    return person.apply(relativeFile);
  }

  Map<String, TagValue> tagsOf(Path relativeFile) {
    return tags.apply(relativeFile);
  }

  @Override
  public String toString() {
    return "FolderSource[" + root + "]";
  }
}
