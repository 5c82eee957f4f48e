package io.facesearch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A folder of photos that a gallery is brought up to date with. Immutable; thread-safe if the
 * functions that are set are.
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
   * Whether symbolic links in the folder are followed; default false. Each folder and file is taken
   * once, so links may go round in circles.
   *
   * @param on true to follow them
   * @return a copy
   */
  public FolderSource followLinks(boolean on) {
    return new FolderSource(root, on, person, tags);
  }

  /**
   * Tells whose photo a file is; default the name of its folder, as {@link PhotoRoot} writes it.
   *
   * @param whose from the file's path, relative to the folder of the root; thread-safe
   * @return a copy
   */
  public FolderSource person(Function<Path, Optional<String>> whose) {
    return new FolderSource(root, followLinks, whose, tags);
  }

  /**
   * Tells the tags that the faces of a file get; default none.
   *
   * @param which from the file's path, relative to the folder of the root; thread-safe
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
   * Finds the photos that {@link Gallery#addAll(PhotoSource)} would take, without reading them.
   *
   * @return files, by their names
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
   * Tells whose photo a file is, as {@link #person(Function)} set it.
   *
   * @param relativeFile relative to the folder of the root
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
