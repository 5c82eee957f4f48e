package io.facesearch.cli;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceInfo;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.Gallery;
import io.facesearch.NamedPerson;
import io.facesearch.Person;
import io.facesearch.UnknownPersonException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "people",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the people of a gallery, and names, renames, merges and splits them.",
      "Each change tells the command that takes it back."
    },
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {"  facesearch people list", "  facesearch people rename Ann 'Ann Smith'"},
    subcommands = {
      PeopleCommand.ListPeople.class,
      PeopleCommand.Rename.class,
      PeopleCommand.Merge.class,
      PeopleCommand.Split.class,
      PeopleCommand.Unname.class,
      HelpCommand.class
    })
final class PeopleCommand {
  /** Longer commands than this are not printed to be copied. */
  private static final int MOST_WORDS = 40;

  private PeopleCommand() {}

  /** What changes a person of a gallery. */
  abstract static class Correction implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "PERSON", description = "A name, or the id of a group.")
    private String person;

    @Mixin private GalleryOption where;

    @Spec CommandSpec spec;

    /** Refuses arguments that are wrong whatever the gallery holds. */
    void check() {}

    /**
     * Does it, and says so.
     *
     * @param called the name of the person, or the id of a group
     */
    abstract void correct(Gallery gallery, String called);

    @Override
    public final Integer call() throws Exception {
      check();
      try (Gallery gallery = where.openToKeep()) {
        correct(gallery, PersonNames.meant(gallery, person));
      }
      return 0;
    }

    /**
     * Prints what was done, and what takes it back.
     *
     * @param moved ids of the faces that are another's now, or nobody's
     * @param back words of the command, without the gallery; empty if there is none
     */
    final void changed(String how, String who, int faces, List<String> moved, String... back) {
      Output out = Output.of(spec);
      out.text().println(how + ": " + who + ", " + Output.counted(faces, "face"));
      out.json("changed", "how", how, "person", who, "faces", faces, "moved", moved);
      if (back.length > MOST_WORDS) {
        out.note(
            "to take that back, split "
                + Output.counted(moved.size(), "face")
                + " off again; with --json their ids are printed ('moved')");
      } else if (back.length > 0) {
        String command =
            Stream.concat(Stream.of("people"), Stream.of(back))
                .map(ShellWord::of)
                .collect(Collectors.joining(" "));
        out.note("to take that back: facesearch " + command + where.words());
      }
    }

    /** {@code split}, of faces that were another's before, or nobody's. */
    static String[] split(String from, List<String> faces, @Nullable String name) {
      List<String> words = new ArrayList<>(List.of("split", from));
      words.addAll(faces);
      if (name != null) {
        words.addAll(List.of("--as", name));
      }
      return words.toArray(String[]::new);
    }

    static List<String> facesOf(Gallery gallery, String name) {
      return gallery.faces().stream()
          .map(EmbeddedFace::face)
          .filter(face -> face.person().equals(Optional.of(name)))
          .map(FaceRecord::id)
          .toList();
    }
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists all names with the number of their faces.",
      footerHeading = FaceSearchCommand.EXAMPLES,
      footer = {
        "  facesearch people list",
        "  facesearch people list --nameless --gallery faces --json"
      })
  static final class ListPeople implements Callable<Integer> {
    @Mixin private GalleryOption where;

    @Option(
        names = "--nameless",
        description =
            "List groups of faces without a name, too, by their ids; the first time that takes a search for each face.")
    private boolean nameless;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
      Output out = Output.of(spec);
      try (Gallery gallery = where.openToRead()) {
        for (NamedPerson person : gallery.names()) {
          out.text().printf("%7d  %s%n", person.faces(), person.name());
          out.json(
              "person",
              Output.object(
                  "name", person.name(),
                  "id", null,
                  "faces", person.faces(),
                  "face", person.face()));
        }
        if (nameless) {
          for (Person group : gallery.people()) {
            if (group.name().isEmpty()) {
              out.text()
                  .printf(
                      "%7d  - (id %s, such as %s)%n",
                      group.faceIds().size(), group.id(), group.faceIds().get(0));
              out.json(
                  "person",
                  Output.object(
                      "name", null,
                      "id", group.id(),
                      "faces", group.faceIds().size(),
                      "face", group.faceIds().get(0)));
            }
          }
        }
      }
      return 0;
    }
  }

  @Command(
      name = "rename",
      mixinStandardHelpOptions = true,
      description = "Calls a person otherwise; or names a group of faces that had no name.",
      footerHeading = FaceSearchCommand.EXAMPLES,
      footer = {
        "  facesearch people rename Ann 'Ann Smith'",
        "  facesearch people rename 17 Bob --gallery faces"
      })
  static final class Rename extends Correction {
    @Parameters(
        index = "1",
        paramLabel = "NAME",
        description = "The new name; nobody is called so yet.")
    private String name;

    @Override
    void check() {
      FaceSearchCommand.notEmpty(spec, "NAME", name);
    }

    @Override
    void correct(Gallery gallery, String called) {
      if (PersonNames.isName(gallery, name) && !called.equals(name)) {
        throw new FaceSearchException(
            "somebody is called \""
                + name
                + "\" already; if that is the same person: facesearch people merge");
      }
      if (PersonNames.isName(gallery, called)) {
        List<String> ids = facesOf(gallery, called);
        int faces = gallery.rename(called, name);
        changed("renamed", name, faces, ids, "rename", name, called);
      } else {
        List<String> ids = PersonNames.ofId(gallery, called).faceIds();
        gallery.name(ids, name);
        changed("renamed", name, ids.size(), ids, "unname", name);
      }
    }
  }

  @Command(
      name = "merge",
      mixinStandardHelpOptions = true,
      description = "Makes two people one, who is called like the second.",
      footerHeading = FaceSearchCommand.EXAMPLES,
      footer = {
        "  facesearch people merge Annie Ann",
        "  facesearch people merge 17 Ann --gallery faces"
      })
  static final class Merge extends Correction {
    @Parameters(
        index = "1",
        paramLabel = "INTO",
        description = "The name or id of the person that it is.")
    private String into;

    @Override
    void correct(Gallery gallery, String called) {
      String second = PersonNames.meant(gallery, into);
      if (called.equals(second)) {
        throw new FaceSearchException("both are the same person: " + into);
      }
      boolean named = PersonNames.isName(gallery, called);
      if (PersonNames.isName(gallery, second)) {
        List<String> moved;
        if (named) {
          moved = facesOf(gallery, called);
          gallery.rename(called, second);
        } else {
          moved = PersonNames.ofId(gallery, called).faceIds();
          gallery.name(moved, second);
        }
        String[] back = split(second, moved, named ? called : null);
        changed("merged", second, faces(gallery, second), moved, back);
      } else {
        String id = named ? idOf(gallery, called) : PersonNames.ofId(gallery, called).id();
        Person group = PersonNames.ofId(gallery, second);
        List<String> moved = named ? group.faceIds() : PersonNames.ofId(gallery, id).faceIds();
        Person merged = gallery.merge(group.id(), id);
        String who = merged.name().orElse(merged.id());
        changed("merged", who, merged.faceIds().size(), moved, split(who, moved, null));
      }
    }

    private static int faces(Gallery gallery, String name) {
      return gallery.names().stream()
          .filter(one -> one.name().equals(name))
          .mapToInt(NamedPerson::faces)
          .sum();
    }

    private static String idOf(Gallery gallery, String name) {
      return gallery.people().stream()
          .filter(one -> one.name().equals(Optional.of(name)))
          .map(Person::id)
          .findFirst()
          .orElseThrow();
    }
  }

  @Command(
      name = "split",
      mixinStandardHelpOptions = true,
      description = {
        "Makes some faces of a person another person: of the name that --as gives, else without"
            + " one."
      },
      footerHeading = FaceSearchCommand.EXAMPLES,
      footer = {
        "  facesearch people split Ann 'photos/Ann/party.jpg#1' --as Bob",
        "  facesearch people split 17 'photos/a.jpg#0' 'photos/b.jpg#0' --gallery faces"
      })
  static final class Split extends Correction {
    @Parameters(
        index = "1..*",
        arity = "1..*",
        paramLabel = "FACE",
        description = "Ids of faces of that person, as 'list' prints them.")
    private List<String> faces;

    @Option(names = "--as", paramLabel = "NAME", description = "Who it is.")
    private @Nullable String name;

    @Override
    void check() {
      if (name != null) {
        FaceSearchCommand.notEmpty(spec, "--as", name);
      }
    }

    @Override
    void correct(Gallery gallery, String called) {
      if (name != null && !PersonNames.isName(gallery, name)) {
        FaceInfo.person(name); // refuses one that is none before anything is changed
      }
      boolean named = PersonNames.isName(gallery, called);
      if (named) {
        for (String face : faces) {
          if (gallery
              .get(face)
              .flatMap(one -> one.face().person())
              .filter(called::equals)
              .isEmpty()) {
            throw new FaceSearchException(
                "\"" + face + "\" is not a face of " + called + "; nothing was changed");
          }
        }
      } else {
        gallery.split(PersonNames.ofId(gallery, called).id(), faces);
      }
      if (name != null) {
        gallery.name(faces, name);
      } else if (named) {
        gallery.unname(faces);
      }
      String[] back = {};
      if (name != null) {
        back = split(name, faces, named ? called : null);
      } else if (!named) {
        Person now =
            gallery.people().stream()
                .filter(one -> one.faceIds().contains(faces.get(0)))
                .findFirst()
                .orElseThrow();
        back = new String[] {"merge", now.id(), called};
      }
      changed("split", name == null ? "nobody" : name, faces.size(), faces, back);
    }
  }

  @Command(
      name = "unname",
      mixinStandardHelpOptions = true,
      description = {
        "Takes a name off all its faces, which stay in the gallery and are grouped by likeness.",
        "For a name that was wrong, and for a folder of photos that was taken for a person. 'forget'",
        "of the name still removes them, as they are of photos of a folder or person called so."
      },
      footerHeading = FaceSearchCommand.EXAMPLES,
      footer = {
        "  facesearch people unname camera",
        "  facesearch people unname Bob --gallery faces"
      })
  static final class Unname extends Correction {
    @Override
    void correct(Gallery gallery, String called) {
      List<String> ids = facesOf(gallery, called);
      if (ids.isEmpty()) {
        throw new UnknownPersonException(
            "there is no person called \"" + called + "\"; 'facesearch people list' prints all");
      }
      gallery.unname(ids);
      changed("unnamed", called, ids.size(), ids);
    }
  }
}
