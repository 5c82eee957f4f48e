package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WindowType;

/** What people come to the page for: who is this, are these one person, who is in all of these. */
@Tag("slow")
class PageStoriesTest {
  private static final int PEOPLE = 6;

  @TempDir private static Path folder;
  private static Path downloads;
  private static Browser browser;
  private static TestServer server;
  private static Path one;
  private static Path several;

  @BeforeAll
  static void start() throws Exception {
    browser = Browser.open();
    downloads = Files.createDirectories(folder.resolve("downloads"));
    browser.downloadTo(downloads);
    server =
        TestServer.start(
            folder, PEOPLE, builder -> builder.samples(TestServer.samples()).maxUpload(2 << 20));
    server.awaitIndexing();
    one = Files.write(folder.resolve("one.jpg"), TestServer.query(2));
    several = Files.write(folder.resolve("several.png"), TestServer.together(4, 3, 5));
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      server.close();
    }
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void open() {
    browser.size(1280, 800);
    browser.go(server);
  }

  @AfterEach
  void nothingFailed() {
    assertThat(browser.consoleErrors()).isEmpty();
  }

  @Test
  void theAnswerIsSeenFirst() {
    for (int[] size : new int[][] {{360, 740}, {1280, 800}}) {
      for (Path photo : List.of(one, several)) {
        browser.size(size[0], size[1]);
        browser.go(server);
        browser.upload(photo);
        browser.awaitMatches(12);
        double headline = browser.bottom("#headline");
        double match = browser.bottom(".card .picture");
        System.out.printf(
            "%d x %d, %s: headline ends at y = %.0f, the first match at %.0f%n",
            size[0], size[1], photo.getFileName(), headline, match);
        assertThat(headline).isPositive().isLessThan(match);
        assertThat(match).as("above the fold").isLessThanOrEqualTo(size[1]);
      }
    }
  }

  @Test
  void errorsStandWhereTheEyeIs() throws Exception {
    browser.size(360, 740);
    browser.upload(one);
    browser.awaitMatches(12);
    browser.run("window.scrollTo(0, document.body.scrollHeight);");
    browser.upload(Files.write(folder.resolve("nobody.png"), TestServer.noFace()));
    browser.await("an alert", () -> browser.text("#error").contains("No face was found"));
    assertThat(browser.bottom("#error")).isBetween(20.0, 740.0);
    assertThat(browser.shown("#verdict")).isFalse();
  }

  @Test
  void eachFaceGetsAHeadline() throws Exception {
    browser.upload(one);
    browser.awaitText("#headline", "This is person_02");
    assertThat(browser.find("#verdict").getAttribute("data-kind")).isEqualTo("same");
    browser.upload(Files.write(folder.resolve("stranger.jpg"), TestServer.query(31)));
    browser.awaitText("#headline", "Nobody in this gallery");
    browser.upload(Files.write(folder.resolve("blurred.png"), blurred(31)));
    browser.awaitText("#headline", "No usable face: blurred \\(sharpness \\d+, at least 15\\)");
    browser.upload(several);
    browser.await("three faces", () -> browser.all("#face-list .who").size() == 3);
    assertThat(browser.all("#face-list .who").stream().map(who -> who.getText()))
        .containsExactly("person_04", "person_03", "person_05");
    browser.run("document.querySelectorAll('#face-list input')[2].click();");
    browser.awaitText("#headline", "This is person_05");
  }

  /** Scaled down and up again, so that a detector still finds the face. */
  private static byte[] blurred(int person) throws Exception {
    BufferedImage sharp = ImageIO.read(new ByteArrayInputStream(TestServer.query(person)));
    BufferedImage small = scaled(sharp, 16);
    return TestServer.encode(scaled(small, 352), "png");
  }

  private static BufferedImage scaled(BufferedImage image, int side) {
    BufferedImage result = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = result.createGraphics();
    g.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    g.drawImage(image, 0, 0, side, side, null);
    g.dispose();
    return result;
  }

  @Test
  void matchesAreGroupedByPersonAndTheNearestAreAClickAway() {
    browser.upload(one);
    browser.awaitMatches(12);
    List<String> people =
        browser.all(".group").stream()
            .map(
                group ->
                    (String)
                        browser.run(
                            "return [...new Set([...arguments[0].querySelectorAll('.card')]"
                                + ".map(c => c.dataset.person))].join();",
                            group))
            .toList();
    assertThat(people).startsWith("person_02").doesNotHaveDuplicates();
    assertThat(people).allMatch(name -> !name.contains(",")).hasSizeGreaterThan(2);
    assertThat(browser.all(".group:first-child > ul .card")).hasSize(4);
    assertThat(browser.all(".group .rest[open]")).isEmpty();
    browser.click("#show-nearest");
    browser.await("a flat list", () -> browser.all("#grid .card").size() == 12);
    assertThat(browser.all(".group")).isEmpty();
    List<Double> distances =
        browser.all(".card").stream()
            .map(card -> Double.valueOf(card.getAttribute("data-distance")))
            .toList();
    assertThat(distances).isSorted();
    assertThat(browser.address()).contains("show=nearest");
  }

  @Test
  void theAddressHoldsTheStateAndNothingOfThePhoto() {
    browser.upload(one);
    browser.awaitFirst("person_02");
    assertThat(browser.address()).doesNotContain("one").doesNotContain("person_02");
    browser.click("#show-nearest");
    browser.openAdjust();
    browser.slide("#k", 7);
    browser.awaitMatches(7);
    browser.await("the address", () -> browser.address().contains("k=7"));
    browser.click(".card:last-child .card-actions button");
    browser.await("a face of the gallery", () -> browser.address().contains("face="));
    browser.await("its matches", () -> browser.text(".card .distance").contains("0.000"));
    String person = browser.firstPerson();
    String address = browser.address();

    browser.driver.navigate().refresh();
    browser.await("the same again", () -> browser.all("#grid .card").size() == 7);
    assertThat(browser.firstPerson()).isEqualTo(person);
    assertThat(browser.address()).isEqualTo(address);

    browser.driver.navigate().back();
    browser.await("nothing of the photo is left", () -> browser.all(".card").isEmpty());
    browser.driver.navigate().forward();
    browser.awaitFirst(person);

    browser.driver.switchTo().newWindow(WindowType.TAB);
    browser.driver.get(address);
    browser.awaitFirst(person);
    browser.awaitMatches(7);
    browser.driver.close();
    browser.driver.switchTo().window(browser.driver.getWindowHandles().iterator().next());
  }

  @Test
  void backFromAFaceOfTheGalleryLeadsToThePhoto() {
    browser.upload(one);
    browser.awaitFirst("person_02");
    browser.click("#show-nearest");
    browser.click(".card:last-child .card-actions button");
    browser.await("its matches", () -> browser.text(".card .distance").contains("0.000"));
    assertThat(browser.firstPerson()).isNotEqualTo("person_02");
    browser.driver.navigate().back();
    browser.awaitFirst("person_02");
    assertThat(browser.text("#headline")).isEqualTo("This is person_02");
  }

  @Test
  void anotherPhotoTakesThePlaceOfAFaceOfTheGallery() throws Exception {
    browser.upload(one);
    browser.awaitFirst("person_02");
    browser.click(".card .card-actions button");
    browser.await("a face of the gallery", () -> browser.address().contains("face="));
    browser.upload(Files.write(folder.resolve("next.jpg"), TestServer.query(4)));
    browser.awaitText("#headline", "This is person_04");
    browser.awaitFirst("person_04");
    assertThat(browser.address()).doesNotContain("face=");
  }

  @Test
  void twoPhotosAreCompared() throws Exception {
    browser.upload(one);
    browser.awaitFirst("person_02");
    browser.find(".card [aria-label='Compare with person_02']").click();
    browser.await("a verdict", () -> browser.shown("#compare-answer"));
    assertThat(browser.text("#compare-verdict")).isEqualTo("The same person");
    assertThat(browser.text("#compare-distance")).matches("(?s)Distance 0\\.\\d{3}: up to .*");
    assertThat(browser.text("#compare-odds")).contains("pairs of strangers");
    browser.await("both faces, aligned", () -> chips() == 2);
    double at = left("#compare-scale span");
    assertThat(at).isGreaterThan(left("#compare-scale"));

    Path other = Files.write(folder.resolve("other.jpg"), TestServer.query(11));
    browser.find("#compare-b-file").sendKeys(other.toString());
    browser.awaitText("#compare-verdict", "Different people");
    assertThat(left("#compare-scale span")).isGreaterThan(at);
    browser.isAccessible("comparison");

    browser.click("#nav-search");
    browser.view("view=compare");
    browser.find("#compare-a-file").sendKeys(other.toString());
    browser.await("the same photo", () -> browser.text("#compare-distance").contains(" 0.000"));
  }

  private static long chips() {
    return (Long)
        browser.run(
            "return [...document.querySelectorAll('.chip')]"
                + ".filter(i => !i.hidden && i.naturalWidth === 112).length;");
  }

  private static double left(String css) {
    return ((Number)
            browser.run(
                "return document.querySelector(arguments[0]).getBoundingClientRect().left;", css))
        .doubleValue();
  }

  @Test
  void aPhotoIsSeenLargeWithAllItsFaces() {
    browser.upload(several);
    browser.awaitMatches(12);
    browser.click("#look-upload");
    browser.await("three boxes", () -> browser.all("#viewer-overlay rect").size() == 3);
    assertThat(browser.text("#viewer-names")).contains("person_04", "person_03", "person_05");
    browser.keys(Keys.ESCAPE);
    browser.await("closed", () -> !browser.shown("#viewer"));

    browser.click(".card .look");
    browser.await("one box", () -> browser.all("#viewer-overlay rect").size() == 1);
    assertThat(browser.text("#viewer-count")).isEqualTo("1 of 12");
    browser.await(
        "the whole photo",
        () ->
            (Boolean)
                browser.run(
                    "return document.getElementById('viewer-image').naturalWidth === 176;"));
    browser.keys(Keys.ARROW_RIGHT);
    browser.await("the next", () -> browser.text("#viewer-count").equals("2 of 12"));
    browser.keys(Keys.ARROW_LEFT, Keys.ARROW_LEFT);
    assertThat(browser.text("#viewer-count")).isEqualTo("1 of 12");
    browser.keys(Keys.ESCAPE);
    browser.await("closed", () -> !browser.shown("#viewer"));
    assertThat(browser.focus()).as("the focus comes back").contains(".look");
  }

  @Test
  void photosOfOnePersonAloneAreSearched() {
    browser.upload(one);
    browser.awaitMatches(12);
    browser.click("#filters > summary");
    browser.find("#only").sendKeys("person_05" + Keys.TAB);
    browser.awaitMatches(4);
    assertThat(browser.firstPerson()).isEqualTo("person_05");
    assertThat(browser.text("#headline")).as("who it is").isEqualTo("This is person_02");
    assertThat(browser.address()).contains("only=person_05");
    browser.find("#only").clear();
    browser.find("#only").sendKeys(Keys.TAB);
    browser.awaitMatches(12);
  }

  @Test
  void aLongNameWithMarkupAndMarksOfDirectionBreaksNothing() throws Exception {
    String name = "<b>x</b>\u202e\u2066" + "W".repeat(80);
    String query = "?person=" + URLEncoder.encode(name, StandardCharsets.UTF_8);
    server.photo("/api/faces" + query, TestServer.query(31)).is(201, "Added");
    try {
      browser.size(360, 740);
      browser.upload(Files.write(folder.resolve("long.jpg"), TestServer.query(31)));
      browser.await("it", () -> name.equals(browser.firstPerson()));
      for (String view : List.of("view=search", "view=people")) {
        browser.view(view);
        browser.await("names", () -> browser.shown("#view-" + view.substring(5) + " .name"));
        assertThat((Long) browser.run("return document.documentElement.scrollWidth;"))
            .as(view)
            .isLessThanOrEqualTo(360);
      }
      assertThat(browser.all("main b")).isEmpty();
      assertThat(
              server.photo("/api/faces?person=" + "W".repeat(200), TestServer.query(31)).status())
          .isEqualTo(400);
    } finally {
      server.delete("/api/people" + query);
    }
  }

  @Test
  void aServerThatIsGoneIsSaidAndNothingIsLost(@TempDir Path other) throws Exception {
    TestServer stopped = TestServer.start(other, 3);
    try {
      browser.go(stopped);
      browser.upload(one);
      browser.awaitFirst("person_02");
      browser.view("view=photos");
      browser.find("#batch-files").sendKeys(one + "\n" + several);
    } finally {
      stopped.close();
    }
    browser.click("#batch-who");
    browser.await("an outcome", () -> browser.text("#batch-kinds").contains("failed"));
    assertThat(browser.text("#batch-rows")).contains("The server does not answer");
    assertThat(browser.shown("#batch-retry")).isTrue();
    browser.click("#nav-search");
    assertThat(browser.text("#headline")).isEqualTo("This is person_02");
    browser.consoleErrors(); // of connections
    browser.driver.get("about:blank");
  }

  @Test
  void whatIsShownIsSaved() throws Exception {
    browser.upload(one);
    browser.awaitMatches(12);
    browser.openAdjust();
    browser.click("#export-csv");
    String csv = download("matches.csv");
    assertThat(csv.lines()).hasSize(13).first().asString().contains("person,distance,decision");
    assertThat(csv.lines().skip(1).findFirst().orElseThrow()).startsWith("person_02,0.");
    browser.click("#export-json");
    assertThat(download("matches.json")).contains("\"person\": \"person_02\"");
  }

  private static String download(String name) throws Exception {
    Path file = downloads.resolve(name);
    browser.await(name, () -> Files.exists(file));
    String text = Files.readString(file);
    Files.delete(file);
    return text;
  }

  @Test
  void aPhotoOverTheLimitIsEncodedAnewInTheBrowser() throws Exception {
    BufferedImage large = scaled(ImageIO.read(new ByteArrayInputStream(TestServer.query(4))), 1400);
    Random random = new Random(7);
    for (int y = 0; y < 1400; y++) {
      for (int x = 0; x < 1400; x++) {
        large.setRGB(x, y, large.getRGB(x, y) ^ (random.nextInt() & 0x070707));
      }
    }
    byte[] png = TestServer.encode(large, "png");
    assertThat(png).hasSizeGreaterThan(2 << 20);
    browser.upload(Files.write(folder.resolve("large.png"), png));
    browser.awaitFirst("person_04");
    assertThat(browser.text("#photo-caption")).contains("large.png", "encoded anew");
  }

  @Test
  void whoIsInManyPhotos() throws Exception {
    Path text = Files.writeString(folder.resolve("broken.jpg"), "no photo");
    Path nobody = Files.write(folder.resolve("empty.png"), TestServer.noFace());
    Path named = Files.write(folder.resolve("=HYPERLINK(x) <img src=y>.jpg"), TestServer.query(1));
    browser.view("view=photos");
    browser
        .find("#batch-files")
        .sendKeys(
            Stream.of(one, several, text, nobody, named)
                .map(Path::toString)
                .collect(Collectors.joining("\n")));
    browser.await("five rows", () -> browser.all("#batch-rows tr").size() == 5);
    browser.click("#batch-who");
    browser.await("all done", () -> browser.text("#batch-count").equals("5 of 5 done"));
    assertThat(browser.text("#batch-kinds"))
        .contains("3 with somebody known", "1 without a face", "1 failed");
    assertThat(browser.text("#batch-rows tr:nth-child(2) .said"))
        .contains("This is person_04", "This is person_03", "This is person_05");
    assertThat(browser.all("img[src=y]")).isEmpty();
    assertThat(browser.shown("#batch-retry")).isTrue();
    browser.isAccessible("many photos");
    browser.click("#batch-export");
    String csv = download("photos-and-people.csv");
    assertThat(csv.lines().findFirst().orElseThrow())
        .endsWith("photo,outcome,person_01,person_02,person_03,person_04,person_05");
    assertThat(csv).contains("several.png,", ",0,0,1,1,1", "'=HYPERLINK(x)");
    browser.consoleErrors(); // the refused photo is one
  }

  private static byte[] group(int... people) throws Exception {
    byte[] png = TestServer.together(people);
    return TestServer.encode(
        javax.imageio.ImageIO.read(new java.io.ByteArrayInputStream(png)), "jpeg");
  }

  private static List<String> namesOf(String... people) {
    return server.index.faces().stream()
        .flatMap(f -> f.face().person().stream())
        .filter(List.of(people)::contains)
        .sorted()
        .toList();
  }

  @Test
  void aNameThatThePhotoHasIsOffered() throws Exception {
    byte[] photo = NamedPhotos.sideBySide(group(25, 26), "Ann &lt;b>Lee", "");
    browser.upload(Files.write(folder.resolve("named.jpg"), photo));
    browser.await("an answer", () -> browser.shown("#open-add"));
    browser.await("two faces", () -> browser.all("#face-list input").size() == 2);
    browser.run("document.querySelectorAll('#face-list input')[1].click();");
    browser.await("nobody is named here", () -> !browser.shown("#take-name"));
    browser.run("document.querySelectorAll('#face-list input')[0].click();");
    browser.awaitText("#take-name", "The photo names Ann <b>Lee here: take it …");
    browser.isAccessible("a name that the photo has");
    browser.click("#take-name");
    browser.await("the question", () -> browser.shown("#add-dialog"));
    assertThat(browser.find("#add-person").getAttribute("value")).isEqualTo("Ann <b>Lee");
    browser.click("#add-save");
    try {
      browser.awaitText("#headline", "This is Ann <b>Lee");
    } finally {
      server.delete("/api/people?person=Ann%20%3Cb%3ELee");
    }
  }

  @Test
  void manyPhotosAreAddedByTheNamesThatTheyHave() throws Exception {
    Path named = folder.resolve("regions.jpg");
    Files.write(named, NamedPhotos.sideBySide(group(27, 28), "Ann", "Bea"));
    Path other = Files.write(folder.resolve("plain.jpg"), TestServer.query(27));
    browser.view("view=photos");
    browser.find("#batch-files").sendKeys(named + "\n" + other);
    browser.click("input[name=batch-as][value=photo]");
    browser.click("#batch-add");
    try {
      browser.awaitText("#batch-count", "2 of 2 done");
      assertThat(browser.text("#batch-rows tr:nth-child(1) .said")).isEqualTo("Added: Ann, Bea.");
      assertThat(browser.text("#batch-rows tr:nth-child(2) .said"))
          .isEqualTo("The photo names nobody");
      assertThat(namesOf("Ann", "Bea")).containsExactly("Ann", "Bea");
    } finally {
      server.delete("/api/people?person=Ann");
      server.delete("/api/people?person=Bea");
    }
  }

  @Test
  void manyPhotosAreAddedByOneNameOrByNone() throws Exception {
    Path first = Files.write(folder.resolve("first.jpg"), TestServer.query(29));
    int before = server.index.size();
    browser.view("view=photos");
    browser.find("#batch-files").sendKeys(first.toString());
    browser.find("#batch-name").sendKeys("  Cid  ");
    browser.click("#batch-add");
    browser.await("one", () -> browser.text("#batch-kinds").contains("1 added"));
    assertThat(namesOf("Cid")).containsExactly("Cid");
    browser.click("input[name=batch-as][value=nobody]");
    browser.click("#batch-add");
    browser.await("two", () -> server.index.size() == before + 2);
    server.delete("/api/people?person=Cid");
    assertThat(server.index.size()).isEqualTo(before + 1);
    server.index.remove(server.index.faces().get(before).face().id());
  }

  @Test
  void manyPhotosAreAddedByTheNamesOfTheirFolders() throws Exception {
    Path party = folder.resolve("party");
    for (int person : new int[] {21, 22}) {
      Path own = Files.createDirectories(party.resolve("Person " + person));
      Files.write(own.resolve("a.jpg"), TestServer.query(person));
    }
    Files.writeString(party.resolve("notes.txt"), "not a photo");
    browser.view("view=photos");
    browser.find("#batch-folder").sendKeys(party.toString());
    browser.await("two rows", () -> browser.all("#batch-rows tr").size() == 2);
    assertThat(browser.text("#batch-others")).contains("1 file is no photo");
    browser.click("#batch-add");
    try {
      browser.await("both", () -> browser.text("#batch-kinds").contains("2 added"));
      assertThat(server.index.faces().stream().flatMap(f -> f.face().person().stream()))
          .contains("Person 21", "Person 22");
      browser.click("#nav-search");
      browser.upload(Files.write(folder.resolve("again.jpg"), TestServer.query(21)));
      browser.awaitText("#headline", "This is Person 21");
    } finally {
      server.delete("/api/people?person=Person%2021");
      server.delete("/api/people?person=Person%2022");
    }
  }
}
