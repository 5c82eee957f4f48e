package io.facesearch.cli;

import io.facesearch.FaceImage;
import io.facesearch.FaceMatch;
import io.facesearch.Gallery;
import io.facesearch.PhotoMatches;
import io.facesearch.PhotoSource;
import io.facesearch.Search;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Indexes the sample faces in this jar and searches them with held-out photos.",
      "Prints a table and writes a contact sheet (HTML and PNG)."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {"  facesearch demo", "  facesearch demo --out samples -k 8"})
final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      defaultValue = "facesearch-demo",
      description = "Where samples and contact sheet go (default: ${DEFAULT-VALUE}).")
  private Path out;

  @Option(
      names = "-k",
      paramLabel = "N",
      defaultValue = "4",
      description = "Matches shown for each photo (default: ${DEFAULT-VALUE}).")
  private int k;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Output output = Output.of(spec);
    PrintWriter console = output.text();
    FaceSearchCommand.atLeastOne(spec, "-k", k);
    SampleFaces.unpack(out);
    List<Path> queries;
    try (Stream<Path> files = Files.list(out.resolve("queries"))) {
      queries = files.sorted().toList();
    }
    List<ContactSheet.Row> rows = new ArrayList<>();
    int right = 0;
    try (Gallery faces = Gallery.inMemory()) {
      Indexing.run(faces, PhotoSource.folder(out.resolve("gallery")), output, progress -> true);
      console.printf("%-10s  %-10s  %8s  %s%n", "photo", "first", "distance", "");
      for (Path query : queries) {
        String person = query.getFileName().toString().replace(".jpg", "");
        PhotoMatches answer = faces.search(FaceImage.read(query), Search.nearest(k));
        if (!(answer instanceof PhotoMatches.Found found)) {
          console.printf(Locale.ROOT, "%-10s  no face found%n", person);
          continue;
        }
        List<FaceMatch> matches = found.result().matches();
        String first = matches.get(0).face().person().orElse("-");
        boolean ok = first.equals(person);
        right += ok ? 1 : 0;
        console.printf(
            Locale.ROOT,
            "%-10s  %-10s  %8.3f  %s%n",
            person,
            first,
            matches.get(0).distance(),
            ok ? "right" : "WRONG");
        output.json(
            "demo",
            Output.object(
                "photo", person,
                "first", first,
                "distance", matches.get(0).distance(),
                "right", ok));
        List<Path> photos =
            matches.stream().map(match -> faces.photoOf(match.face()).orElseThrow()).toList();
        rows.add(new ContactSheet.Row(query, person, matches, photos));
      }
    }
    console.printf(
        Locale.ROOT, "%d of %d photos found their own person first%n", right, queries.size());
    ContactSheet.write(out, rows);
    console.println("contact sheet: " + out.resolve("contact-sheet.html").toAbsolutePath());
    console.println("               " + out.resolve("contact-sheet.png").toAbsolutePath());
    console.flush();
    return right == queries.size() ? 0 : 1;
  }
}
