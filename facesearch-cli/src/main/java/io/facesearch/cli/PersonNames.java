package io.facesearch.cli;

import io.facesearch.FaceSearchException;
import io.facesearch.Gallery;
import io.facesearch.NamedPerson;
import io.facesearch.Person;
import io.facesearch.UnknownPersonException;
import java.util.List;
import java.util.Optional;

/** Finds whom a user means. Stateless. */
final class PersonNames {
  private PersonNames() {}

  /** Whose name is given, also as it is printed: with escapes that nobody can type otherwise. */
  static String meant(Gallery gallery, String given) {
    List<String> names = gallery.names().stream().map(NamedPerson::name).toList();
    if (names.contains(given)) {
      return given;
    }
    List<String> printedSo =
        names.stream().filter(name -> TerminalWriter.visible(name).equals(given)).toList();
    if (printedSo.size() > 1) {
      throw new FaceSearchException(
          printedSo.size()
              + " people are printed as "
              + given
              + ", though their names differ; choose one on the page of 'serve'");
    }
    return printedSo.isEmpty() ? given : printedSo.get(0);
  }

  /** Whether somebody is called so. */
  static boolean isName(Gallery gallery, String name) {
    return gallery.names().stream().anyMatch(person -> person.name().equals(name));
  }

  /** The person of an id, as {@code people list --nameless} prints it. */
  static Person ofId(Gallery gallery, String id) {
    Optional<Person> found =
        gallery.people().stream().filter(person -> person.id().equals(id)).findFirst();
    return found.orElseThrow(
        () ->
            new UnknownPersonException(
                "there is no person called \""
                    + id
                    + "\", and none of that id; 'facesearch people list --nameless' prints both"));
  }
}
