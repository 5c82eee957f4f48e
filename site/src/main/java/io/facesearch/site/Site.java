package io.facesearch.site;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.ext.heading.anchor.HeadingAnchorExtension;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * Makes HTML of the project's pages, with the Javadoc of all modules; fails on a link to a page or
 * place that is not there, and on a misspelled word of pages or Javadoc.
 */
public final class Site {
  private static final List<Extension> EXTENSIONS =
      List.of(TablesExtension.create(), HeadingAnchorExtension.create());
  private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();
  private static final HtmlRenderer RENDERER =
      HtmlRenderer.builder().extensions(EXTENSIONS).build();
  private static final Pattern LINK = Pattern.compile("(href|src)=\"(?![a-z]+:|#)([^\"#]+)");
  private static final Pattern MODULE = Pattern.compile("(?m)^(?:open )?module ([\\w.]+)");
  private static final Pattern ANCHOR = Pattern.compile("href=\"(?![a-z]+:)([^\"#]*)#([^\"]+)\"");

  private final Path root;
  private final Path out;
  private final String sources;
  private final String lucene;
  private final String template;
  private final Spelling spelling = Spelling.american();
  private final TreeSet<String> pages = new TreeSet<>();
  private final List<String> broken = new ArrayList<>();

  private Site(Path root, Path out, String sources, String lucene) throws IOException {
    this.root = root;
    this.out = out;
    this.sources = sources;
    this.lucene = lucene;
    try (InputStream page = resource("page.html")) {
      template = new String(page.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The folder of the project, that of the site, the address of the sources, Lucene's jar. */
  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]).toRealPath();
    new Site(root, Files.createDirectories(Path.of(args[1])), args[2], args[3]).make();
  }

  private void make() throws IOException {
    for (String folder : List.of(".", "docs", "examples", "benchmarks/native")) {
      try (Stream<Path> files = Files.list(root.resolve(folder))) {
        files
            .filter(file -> file.toString().endsWith(".md"))
            .forEach(file -> pages.add(root.relativize(file.normalize()).toString()));
      }
    }
    copy(root.resolve("docs/images"), out.resolve("docs/images"));
    String api = javadoc();
    List<String> misspelled = new ArrayList<>();
    for (String page : pages) {
      Node read = PARSER.parse(Files.readString(root.resolve(page)));
      tell(page, spelling.ofPage(read), misspelled);
      write(page, RENDERER.render(read));
    }
    write("api/index.md", "<h1>Javadoc</h1>\n<ul>\n" + api + "</ul>\n");
    checkLinks();
    checkJavadoc(misspelled);
    if (!misspelled.isEmpty()) {
      throw new IllegalStateException(
          "words that are in no dictionary; fix them, or add them to words.txt beside page.html: "
              + misspelled);
    }
    System.out.println(pages.size() + " pages in " + out);
  }

  /**
   * The Javadoc of all Java modules in one, that of others each for itself, and a list of them.
   * Needs the jars that the command line was packaged with.
   */
  private String javadoc() throws IOException {
    StringBuilder list = new StringBuilder(item("all", "all modules"));
    List<String> options =
        new ArrayList<>(
            List.of("-quiet", "-notimestamp", "-Xdoclint:none", "-windowtitle", "facesearch"));
    options.addAll(List.of("-doctitle", "facesearch", "-bottom", "Apache License 2.0"));
    options.addAll(List.of("-d", out.resolve("api/all").toString()));
    List<String> names = new ArrayList<>();
    try (Stream<Path> folders = Files.list(root)) {
      for (Path folder : folders.sorted().toList()) {
        Path source = folder.resolve("src/main/java");
        Path docs = folder.resolve("target/reports/apidocs");
        if (Files.exists(source.resolve("module-info.java"))) {
          Matcher name = MODULE.matcher(Files.readString(source.resolve("module-info.java")));
          if (!name.find()) {
            throw new IllegalStateException(source + "/module-info.java names no module");
          }
          names.add(name.group(1));
          options.addAll(List.of("--module-source-path", name.group(1) + "=" + source));
        } else if (Files.exists(docs.resolve("index.html"))) {
          String module = folder.getFileName().toString();
          copy(docs, out.resolve("api").resolve(module));
          list.append(item(module, module));
        }
      }
    }
    options.addAll(List.of("--module", String.join(",", names), "--module-path", jars()));
    StringWriter said = new StringWriter();
    PrintWriter to = new PrintWriter(said);
    if (ToolProvider.findFirst("javadoc").orElseThrow().run(to, to, options.toArray(String[]::new))
        != 0) {
      throw new IllegalStateException("javadoc failed: " + said);
    }
    return list.toString();
  }

  private static String item(String folder, String name) {
    return "<li><a href=\"%s/index.html\">%s</a></li>\n".formatted(folder, name);
  }

  /** What the modules require; the natives of PyTorch have no name of a module. */
  private String jars() throws IOException {
    try (Stream<Path> files = Files.list(root.resolve("facesearch-cli/target/lib"))) {
      return Stream.concat(files.map(Path::toString), Stream.of(lucene))
          .filter(jar -> !jar.contains("pytorch-native"))
          .collect(Collectors.joining(File.pathSeparator));
    }
  }

  private void write(String page, String body) throws IOException {
    String up = "../".repeat(Path.of(page).getNameCount() - 1);
    StringBuilder menu = new StringBuilder();
    for (String other : menu()) {
      menu.append(
          "<a href=\"%s%s\"%s>%s</a>\n"
              .formatted(
                  up,
                  html(other),
                  other.equals(page) ? " aria-current=\"page\"" : "",
                  title(other)));
    }
    String text =
        template
            .replace("{title}", title(page))
            .replace("{up}", up)
            .replace("{menu}", menu)
            .replace("{body}", LINK.matcher(body).replaceAll(link -> target(page, link)))
            // Browsers would break -Dname behind the hyphen.
            .replaceAll("<code>(\\S{1,40})</code>", "<code class=\"word\">$1</code>");
    Path file = out.resolve(html(page));
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  /** The pages of docs, in the order in which the end of the README names them, then others. */
  private List<String> menu() throws IOException {
    String readme = Files.readString(root.resolve("README.md"));
    TreeMap<Integer, String> named = new TreeMap<>();
    List<String> others = new ArrayList<>();
    for (String page : pages) {
      int at = readme.lastIndexOf("(" + page + ")");
      if (at >= 0 && page.startsWith("docs/")) {
        named.put(at, page);
      } else if (page.startsWith("docs/")) {
        others.add(page);
      }
    }
    List<String> menu = new ArrayList<>(named.values());
    menu.addAll(others);
    return menu;
  }

  /** A page of the site, a picture, or a file of the sources. */
  private String target(String page, java.util.regex.MatchResult link) {
    Path there = root.resolve(page).resolveSibling(link.group(2)).normalize();
    String name = root.relativize(there).toString().replace('\\', '/');
    String to = link.group(2);
    if (pages.contains(name)) {
      int at = to.lastIndexOf('/') + 1;
      to = to.substring(0, at) + html(name).substring(html(name).lastIndexOf('/') + 1);
    } else if (!page.startsWith("api/") && !name.startsWith("docs/images/")) {
      if (!Files.exists(there)) {
        broken.add(page + " -> " + to);
      } else if (link.group(1).equals("src")) {
        // The address of the sources has a page about each picture, and not the picture.
        copyPicture(there, out.resolve(name));
        return Matcher.quoteReplacement(link.group());
      }
      to = sources + name;
    }
    return Matcher.quoteReplacement(link.group(1) + "=\"" + to);
  }

  private static String html(String page) {
    return page.equals("README.md") ? "index.html" : page.replaceAll("\\.md$", ".html");
  }

  /** The first heading. */
  private String title(String page) throws IOException {
    Path file = root.resolve(page);
    return !Files.exists(file)
        ? "Javadoc"
        : Files.readAllLines(file).stream()
            .filter(line -> line.startsWith("# "))
            .map(line -> line.substring(2))
            .findFirst()
            .orElse(page);
  }

  private void checkJavadoc(List<String> misspelled) throws IOException {
    List<Path> sources = new ArrayList<>();
    try (Stream<Path> modules = Files.list(root)) {
      for (Path module : modules.sorted().toList()) {
        Path code = module.resolve("src/main/java");
        if (Files.exists(code)) {
          try (Stream<Path> files = Files.walk(code)) {
            files.filter(file -> file.toString().endsWith(".java")).sorted().forEach(sources::add);
          }
        }
      }
    }
    for (Path source : sources) {
      tell(
          root.relativize(source).toString(),
          spelling.ofJavadoc(Files.readString(source)),
          misspelled);
    }
  }

  private static void tell(String where, Set<String> words, List<String> misspelled) {
    if (!words.isEmpty()) {
      misspelled.add(where + " " + words);
    }
  }

  private void checkLinks() throws IOException {
    List<Path> files = new ArrayList<>();
    for (String page : pages) {
      files.add(out.resolve(html(page)));
    }
    files.add(out.resolve("api/index.html"));
    for (Path file : files) {
      String text = Files.readString(file);
      LINK.matcher(text)
          .results()
          .filter(link -> !Files.exists(file.resolveSibling(link.group(2))))
          .forEach(link -> broken.add(out.relativize(file) + " -> " + link.group(2)));
      for (var link : ANCHOR.matcher(text).results().toList()) {
        Path to = link.group(1).isEmpty() ? file : file.resolveSibling(link.group(1));
        if (!Files.exists(to) || !Files.readString(to).contains("id=\"" + link.group(2) + "\"")) {
          broken.add(out.relativize(file) + " -> " + link.group(1) + "#" + link.group(2));
        }
      }
    }
    if (!broken.isEmpty()) {
      throw new IllegalStateException("links that lead nowhere: " + broken);
    }
  }

  static InputStream resource(String name) throws IOException {
    InputStream in = Site.class.getResourceAsStream(name);
    if (in == null) {
      throw new NoSuchFileException(name, null, "no such resource on the class path");
    }
    return in;
  }

  private static void copyPicture(Path from, Path to) {
    try {
      Files.createDirectories(to.getParent());
      Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }
}
