package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceRecord;
import io.facesearch.spi.GalleryStorage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;

/** The people of the page: found in a long list, named, corrected, taken back, forgotten. */
@Tag("slow")
class PeoplePageTest {
  private static final int PEOPLE = 4;

  /** Somebody without a name, with four photos, who is much like person_04. */
  private static final int NAMELESS = 18;

  @TempDir private static Path folder;
  private static Browser browser;
  private TestServer server;

  @BeforeAll
  static void start() {
    browser = Browser.open();
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void open() throws Exception {
    server = TestServer.start(Files.createTempDirectory(folder, "people"), PEOPLE);
    for (int photo = 1; photo <= 4; photo++) {
      server.photo("/api/faces", sample(NAMELESS, photo)).is(201, "Added");
    }
    browser.size(1280, 900);
    browser.go(server);
  }

  @AfterEach
  void nothingFailed() throws Exception {
    assertThat(browser.consoleErrors()).isEmpty();
    browser.driver.get("about:blank");
    server.close();
  }

  private static byte[] sample(int person, int photo) throws Exception {
    return Files.readAllBytes(
        TestServer.SAMPLES.resolve("gallery/person_%02d/photo_%d.jpg".formatted(person, photo)));
  }

  private void openPerson(String name) {
    browser.view("view=people");
    browser.await("people", () -> browser.all("#people-list li").size() == PEOPLE + 1);
    for (var row : browser.all("#people-list li")) {
      if (row.findElement(By.cssSelector(".name")).getText().equals(name)) {
        row.findElement(By.cssSelector("a")).click();
        browser.awaitText("#person-title", Pattern.quote(name));
        browser.await("faces", () -> browser.all("#person-faces li").size() == 4);
        return;
      }
    }
    throw new AssertionError(name + " is not in the list");
  }

  private void undo() {
    browser.find("#toast button").click();
    browser.awaitText("#toast", "Taken back.");
  }

  private List<String> rows() {
    return browser.all("#people-list .name").stream().map(name -> name.getText()).toList();
  }

  @Test
  void somebodyIsNamedRenamedAndForgotten() throws Exception {
    openPerson("No name yet");
    assertThat(browser.text("#person-count")).isEqualTo("4 faces");
    browser.isAccessible("a person");
    browser.find("#person-name").sendKeys("Zoë <b>\u202e");
    browser.click("#person-save");
    browser.awaitText("#person-title", "Zoë <b>.?");
    assertThat(browser.all("#person-title b")).isEmpty();
    assertThat(names()).contains("Zoë <b>\u202e");

    undo();
    browser.awaitText("#person-title", "No name yet");
    assertThat(names()).hasSize(PEOPLE);

    browser.find("#person-name").sendKeys("Zoë");
    browser.click("#person-save");
    browser.awaitText("#person-title", "Zoë");
    browser.find("#person-name").clear();
    browser.find("#person-name").sendKeys("Zoë Z.");
    browser.click("#person-save");
    browser.awaitText("#person-title", "Zoë Z\\.");
    browser.click("#person-forget");
    browser.click("#confirm-do");
    browser.await("a receipt", () -> browser.shown("#receipt-dialog"));
    assertThat(browser.text("#receipt-list")).contains("Faces removed\n4");
    browser.isAccessible("a receipt");
    browser.click("#receipt-dialog .primary");
    browser.await("the others", () -> browser.all("#people-list li").size() == PEOPLE);
    assertThat(rows()).containsExactly("person_01", "person_02", "person_03", "person_04");
    assertThat(server.index.size()).isEqualTo(PEOPLE * 4);
  }

  private List<String> names() throws Exception {
    return server.get("/api/people").json().getAsJsonArray("people").asList().stream()
        .map(person -> person.getAsJsonObject().get("name").getAsString())
        .toList();
  }

  @Test
  void facesAreMovedRejectedAndComeBack() throws Exception {
    openPerson("person_02");
    browser.click("#person-faces li:first-child input");
    assertThat(browser.text("#chosen-count")).isEqualTo("1 face chosen");
    browser.isAccessible("a face is chosen");
    browser.click("#chosen-not");
    browser.awaitText("#toast", "1 face is another person now.*");
    browser.awaitText("#person-count", "3 faces");
    assertThat(total("No name yet")).isEqualTo(2);
    undo();
    browser.awaitText("#person-count", "4 faces");
    assertThat(total("No name yet")).isEqualTo(1);

    browser.click("#person-faces li:nth-child(2) input");
    browser.find("#chosen-name").sendKeys("person_03");
    browser.click("#chosen-form button");
    browser.awaitText("#toast", "1 face moved to person_03.*");
    browser.awaitText("#person-count", "3 faces");
    undo();
    browser.awaitText("#person-count", "4 faces");
  }

  /** How many of the list are called so. */
  private long total(String name) throws Exception {
    return server.get("/api/groups").is(200, "Groups").getAsJsonArray("groups").asList().stream()
        .map(group -> group.getAsJsonObject().get("name"))
        .filter(text -> (text == null ? "No name yet" : text.getAsString()).equals(name))
        .count();
  }

  @Test
  void thePageAsksWhetherTwoAreOneAndRemembersTheAnswer() throws Exception {
    openPerson("person_04");
    browser.awaitText("#similar-title", "Also person_04\\?");
    browser.isAccessible("a question");
    browser.find("#similar-list button.primary + button").click();
    browser.awaitText("#toast", "Kept apart.*");
    browser.await("no question", () -> !browser.shown("#similar"));
    undo();
    browser.awaitText("#similar-title", "Also person_04\\?");

    browser.click("#similar-list button.primary");
    browser.awaitText("#person-count", "8 faces");
    assertThat(total("No name yet")).isZero();
    undo();
    browser.awaitText("#person-count", "4 faces");
    assertThat(total("No name yet")).isEqualTo(1);

    browser.find("#similar-list button.primary + button").click();
    browser.awaitText("#toast", "Kept apart.*");
    browser.driver.navigate().refresh();
    browser.await("faces", () -> browser.all("#person-faces li").size() == 4);
    assertThat(server.get("/api/groups/" + idOf("person_04") + "/similar").is(200, "Similar"))
        .hasToString("{\"groups\":[]}");
    assertThat(browser.shown("#similar")).isFalse();
  }

  @Test
  void facesThatAreOnlyLikeSomebodyAreDoubtful() throws Exception {
    String face =
        server
            .get("/api/groups/" + idOf("No name yet") + "/faces")
            .is(200, "PersonFaces")
            .getAsJsonArray("faces")
            .get(0)
            .getAsJsonObject()
            .getAsJsonObject("face")
            .get("id")
            .getAsString();
    server
        .json("/api/move", "{\"faces\": [\"" + face + "\"], \"name\": \"Zoë\"}")
        .is(200, "Corrected");
    openPerson("Zoë"); // with the three that are grouped with the named one
    assertThat(browser.all("#person-faces .doubtful")).hasSize(3);
    assertThat(browser.find("#person-faces li:last-child").getAttribute("class"))
        .doesNotContain("doubtful");
    browser.click("#person-faces li:first-child input");
    browser.click("#chosen-yes");
    browser.await("one less", () -> browser.all("#person-faces .doubtful").size() == 2);
    for (int i = 1; i <= 2; i++) {
      browser.click("#person-faces li:nth-child(" + i + ") input");
    }
    browser.click("#chosen-not");
    browser.awaitText("#person-count", "2 faces");
    assertThat(total("No name yet")).isEqualTo(1);
  }

  private String idOf(String name) throws Exception {
    for (var group : server.get("/api/groups").json().getAsJsonArray("groups")) {
      var text = group.getAsJsonObject().get("name");
      if ((text == null ? "No name yet" : text.getAsString()).equals(name)) {
        return group.getAsJsonObject().get("id").getAsString();
      }
    }
    throw new AssertionError(name);
  }

  @Test
  void whatAnotherTabChangedIsNotOverwritten() throws Exception {
    openPerson("person_01");
    browser.find("#person-name").sendKeys("!");
    browser.click("#person-save");
    browser.awaitText("#person-title", "person_01!");
    String other = idOf("person_02");
    String bob =
        server
            .json("/api/groups/" + other + "/name", "{\"name\": \"Bob\"}")
            .is(200, "Corrected")
            .getAsJsonObject("group")
            .get("id")
            .getAsString();
    browser.find("#toast button").click();
    browser.awaitText("#toast", "Something was changed meanwhile.*");
    assertThat(names()).contains("person_01!", "Bob");
    server.delete("/api/groups/" + bob).is(200, "Forgotten");
    browser.view("view=people&person=" + bob);
    browser.await("it is said", () -> browser.shown("#person-error"));
    assertThat(browser.text("#person-error"))
        .isEqualTo(
            "This person was renamed or forgotten elsewhere, as in another window. Look among all"
                + " people.");
    assertThat(browser.consoleErrors()).allMatch(e -> e.contains("404") || e.contains("409"));
  }

  /** A name that is taken makes one person of two, and may be a mistake. */
  @Test
  void aNameThatIsTakenIsAskedAbout() throws Exception {
    openPerson("person_01");
    browser.find("#person-name").clear();
    browser.find("#person-name").sendKeys("person_02");
    browser.click("#person-save");
    browser.awaitText("#confirm-text", "person_02 is in the gallery already, with 4 faces\\..*");
    browser.isAccessible("one person?");
    browser.click("#confirm-dialog [data-close]");
    assertThat(names()).contains("person_01", "person_02");
    browser.click("#person-save");
    browser.await("the question", () -> browser.shown("#confirm-do"));
    browser.click("#confirm-do");
    browser.awaitText("#person-count", "8 faces");
    browser.awaitText("#toast", "Both are one person now\\..*");
    undo();
    assertThat(names()).contains("person_01", "person_02");
  }

  /** They stand behind all who have one. */
  @Test
  void whoHasNoNameIsOneStepAway() {
    browser.size(360, 400);
    browser.view("view=people");
    browser.await("people", () -> browser.shown("#people-nameless"));
    browser.isAccessible("people on a phone");
    assertThat(browser.run("return document.documentElement.scrollWidth;")).isEqualTo(360L);
    browser.click("#people-nameless");
    browser.await(
        "the first without a name",
        () -> browser.driver.switchTo().activeElement().getText().startsWith("No name yet"));
    browser.keys(org.openqa.selenium.Keys.ENTER);
    browser.await("faces", () -> browser.all("#person-faces li").size() == 4);
    // Nothing lies over another.
    browser.find("#person-name").sendKeys("Zoë");
    browser.click("#person-save");
    browser.awaitText("#person-title", "Zoë");
  }

  @Test
  void fiveThousandPeopleScrollAndManyFacesLoadInPages() throws Exception {
    browser.driver.get("about:blank");
    server.close();
    server = TestServer.on(Files.createTempDirectory(folder, "many"), 0, PeoplePageTest::fill);
    browser.go(server);
    browser.view("view=people");
    browser.awaitText("#people-count", "5,000 people with a name, 0 without");
    long elements = (Long) browser.run("return document.querySelectorAll('*').length;");
    assertThat(browser.all("#people-list li").size()).isBetween(10, 100);
    browser.run("window.scrollTo(0, document.body.scrollHeight / 2);");
    browser.await("the middle", () -> rows().contains("Person 2500"));
    browser.run("window.scrollTo(0, document.body.scrollHeight);");
    browser.await("the end", () -> rows().contains("Person 5000"));
    assertThat(browser.all("#people-list li").size()).isBetween(10, 100);
    assertThat((Long) browser.run("return document.querySelectorAll('*').length;"))
        .as("elements of the page")
        .isLessThan(elements + 200);
    long millis = (Long) browser.runAsync(SCROLL);
    System.out.println("drawing while 5,000 people scroll: the longest frame took " + millis);

    browser.run("window.scrollTo(0, 0);");
    browser.find("#people-filter").sendKeys("Person 0001");
    browser.await("one", () -> browser.all("#people-list li").size() == 1);
    browser.click("#people-list a");
    browser.awaitText("#person-count", "300 faces");
    browser.await("a page", () -> browser.all("#person-faces li").size() >= 60);
    assertThat(browser.all("#person-faces li").size()).isLessThan(300);
    for (int i = 0; i < 12 && browser.all("#person-faces li").size() < 300; i++) {
      browser.run("window.scrollTo(0, document.body.scrollHeight);");
      Thread.sleep(150);
    }
    assertThat(browser.all("#person-faces li")).hasSize(300);
    browser.driver.get("about:blank"); // so that no photo is asked for after this
    assertThat(browser.consoleErrors()).allMatch(error -> error.contains("404")); // no photos
  }

  /** Scrolls through the list for a second; the longest time between two frames. */
  private static final String SCROLL =
      "const done = arguments[0]; let last = performance.now(), most = 0, n = 0;"
          + "const step = () => { const now = performance.now(); most = Math.max(most, now - last);"
          + " last = now; window.scrollBy(0, -1500);"
          + " if (++n < 60) requestAnimationFrame(step); else done(Math.round(most)); };"
          + "requestAnimationFrame(step);";

  private static GalleryStorage fill(GalleryStorage storage) {
    String model;
    try (FaceAnalyzer analyzer = FaceAnalyzer.open()) {
      model = analyzer.model().fingerprint();
    }
    Random random = new Random(3);
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int person = 1; person <= 5000; person++) {
      float[] vector = new float[128];
      double norm = 0;
      for (int i = 0; i < 128; i++) {
        vector[i] = (float) random.nextGaussian();
        norm += vector[i] * vector[i];
      }
      for (int i = 0; i < 128; i++) {
        vector[i] /= (float) Math.sqrt(norm);
      }
      int count = person == 1 ? 300 : 1;
      for (int n = 0; n < count; n++) {
        faces.add(
            new EmbeddedFace(
                FaceRecord.of(person + "-" + n, "Person %04d".formatted(person)),
                Embedding.of(model, vector)));
      }
    }
    storage.addAll(faces);
    return storage;
  }
}
