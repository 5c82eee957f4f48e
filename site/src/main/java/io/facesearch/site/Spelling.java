package io.facesearch.site;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.lucene.analysis.hunspell.Dictionary;
import org.apache.lucene.analysis.hunspell.Hunspell;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Node;
import org.commonmark.node.Text;

/**
 * Finds words that are neither in the American dictionary of Hunspell nor in {@code words.txt},
 * where the project's own are. Code is not read, nor what looks like it: words with digits,
 * underscores, or capitals behind the first letter.
 */
final class Spelling {
  private static final String DICTIONARY =
      "/META-INF/resources/webjars/typo-js/1.2.1/dictionaries/en_US/en_US";
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}_][\\p{L}\\p{N}_'’]*");
  private static final Pattern NO_PROSE = Pattern.compile(".*[\\p{N}_].*|..*\\p{Lu}.*|.");
  private static final Pattern COMMENT = Pattern.compile("/\\*\\*.*?\\*/", Pattern.DOTALL);

  /** Of comments: code in all its forms, the names behind tags, HTML, addresses. */
  private static final Pattern MARKUP =
      Pattern.compile(
          "\\n\\s*\\*"
              + "|\\{@(?:code|link|linkplain|value|snippet)\\s[^}]*\\}"
              + "|@(?:param|throws|see)\\s+\\S+"
              + "|\\{?@\\w+"
              + "|<(pre|code)>.*?</\\1>"
              + "|<[^>]*>"
              + "|&\\w+;"
              + "|https?:\\S+",
          Pattern.DOTALL);

  private final Hunspell english;
  private final Set<String> own;

  private Spelling(Hunspell english, Set<String> own) {
    this.english = english;
    this.own = own;
  }

  static Spelling american() throws IOException {
    try (Directory sorting = new ByteBuffersDirectory();
        InputStream affixes = Site.resource(DICTIONARY + ".aff");
        InputStream words = Site.resource(DICTIONARY + ".dic");
        InputStream own = Site.resource("words.txt")) {
      return new Spelling(
          new Hunspell(new Dictionary(sorting, "spelling", affixes, words)),
          new String(own.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .collect(Collectors.toUnmodifiableSet()));
    } catch (ParseException e) {
      throw new UncheckedIOException(
          new IOException(DICTIONARY + ".aff: no affixes of Hunspell", e));
    }
  }

  /** What is misspelled in the prose of a page. */
  Set<String> ofPage(Node page) {
    Set<String> wrong = new TreeSet<>();
    page.accept(
        new AbstractVisitor() {
          @Override
          public void visit(Text text) {
            ofProse(text.getLiteral(), wrong);
          }
        });
    return wrong;
  }

  /** What is misspelled in the Javadoc of a Java file. */
  Set<String> ofJavadoc(String java) {
    Set<String> wrong = new TreeSet<>();
    Matcher comment = COMMENT.matcher(java);
    while (comment.find()) {
      ofProse(MARKUP.matcher(comment.group()).replaceAll(" "), wrong);
    }
    return wrong;
  }

  private void ofProse(String prose, Set<String> wrong) {
    Matcher words = WORD.matcher(prose);
    while (words.find()) {
      String word = words.group().replace('’', '\'').replaceAll("'+$|'s$", "");
      if (!NO_PROSE.matcher(word).matches() && !isOwn(word) && !english.spell(word)) {
        wrong.add(word);
      }
    }
  }

  private boolean isOwn(String word) {
    return own.contains(word) || own.contains(word.toLowerCase(Locale.ROOT));
  }
}
