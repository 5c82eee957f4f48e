package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The query page in a real browser, as people use it. */
@Tag("slow")
class QueryPageTest {
  private static final int PEOPLE = 10;

  @TempDir private static Path folder;
  private static Browser browser;
  private static TestServer server;
  private static Path one;
  private static Path several;

  @BeforeAll
  static void start() throws Exception {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (int i = 0; i < 30; i++) {
      frames.write(TestServer.query(4));
    }
    Path video = folder.resolve("video.mjpeg");
    Files.write(video, frames.toByteArray());
    browser =
        Browser.open(
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            "--use-file-for-fake-video-capture=" + video);
    server =
        TestServer.start(
            folder, PEOPLE, builder -> builder.samples(TestServer.samples()).maxUpload(2 << 20));
    server.awaitIndexing();
    one = Files.write(folder.resolve("one.jpg"), TestServer.query(2));
    several = Files.write(folder.resolve("several.png"), TestServer.together(9, 3, 5));
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
    browser.size(1280, 900);
    browser.go(server);
  }

  @AfterEach
  void nothingWasAskedElsewhereAndNothingFailed() {
    String home = server.uri("/").toString();
    assertThat(browser.requests())
        .isNotEmpty()
        .allMatch(url -> url.startsWith(home) || url.startsWith("blob:" + home));
    assertThat(browser.consoleErrors()).isEmpty();
  }

  @Test
  void aPhotoIsSearched() {
    browser.upload(one);
    browser.awaitFirst("person_02");
    browser.awaitMatches(12);
    assertThat(browser.decided("SAME")).isGreaterThanOrEqualTo(3);
    assertThat(browser.text(".card .badge")).contains("Same person");
    assertThat(browser.text("#summary"))
        .contains("12 matches", "ms", "exact", PEOPLE * 4 + " faces", "photo read");
    assertThat(browser.text("#gallery")).isEqualTo(PEOPLE * 4 + " faces of " + PEOPLE + " people");
    assertThat(browser.all("#overlay rect")).hasSize(1);
    assertThat(browser.all("#overlay path")).hasSize(5);
    assertThat(browser.text("#headline")).isEqualTo("This is person_02");
    assertThat(browser.text("#odds"))
        .isEqualTo("Of 1,000 strangers' photos about 10 would be called somebody here.");
    assertThat(browser.shown("#faces")).isFalse();
    browser.await(
        "thumbnails are drawn",
        () ->
            (Boolean)
                browser.run(
                    "const i = document.querySelector('.card img');"
                        + "return i.complete && i.naturalWidth > 100;"));
  }

  @Test
  void droppedAndPastedPhotosAreSearched() throws Exception {
    String make =
        "const bytes = Uint8Array.from(atob(arguments[0]), c => c.charCodeAt(0));"
            + "const data = new DataTransfer();"
            + "data.items.add(new File([bytes], 'x.jpg', {type: 'image/jpeg'}));";
    browser.run(
        make
            + "const drop = document.getElementById('drop');"
            + "for (const type of ['dragenter', 'dragover', 'drop'])"
            + " drop.dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true,"
            + " cancelable: true}));",
        Base64.getEncoder().encodeToString(TestServer.query(6)));
    browser.awaitFirst("person_06");
    assertThat(browser.find("#drop").getAttribute("class")).doesNotContain("over");
    browser.run(
        make
            + "document.body.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data,"
            + " bubbles: true, cancelable: true}));",
        Base64.getEncoder().encodeToString(TestServer.query(7)));
    browser.awaitFirst("person_07");
  }

  @Test
  void theCameraIsSearched() {
    browser.click("#open-camera");
    browser.await("the camera runs", () -> browser.find("#camera-take").isEnabled());
    browser.click("#camera-take");
    browser.awaitFirst("person_04");
    assertThat(browser.shown("#camera-dialog")).isFalse();
    assertThat((Boolean) browser.run("return document.querySelector('video').srcObject === null;"))
        .as("the camera is off")
        .isTrue();
  }

  @Test
  void theCameraSaysWhoIsSeenOnlyIfItIsAsked() {
    browser.click("#open-camera");
    browser.await("the camera runs", () -> browser.find("#camera-take").isEnabled());
    assertThat(browser.find("#camera-live").isSelected()).isFalse();
    browser.requests();
    browser.slide("#k", 12); // something that asks
    assertThat(browser.requests()).noneMatch(url -> url.contains("/api/identify"));
    browser.click("#camera-live");
    browser.awaitText("#camera-rate", "Live: frames are sent, [1-9].*");
    assertThat(browser.text("#camera-overlay")).contains("person_04");
    System.out.println(browser.text("#camera-rate"));
    browser.isAccessible("live");
    browser.click("#camera-dialog [data-close]");
    browser.await("off", () -> browser.all("#camera-overlay rect").isEmpty());
    browser.requests();
    browser.go(server);
  }

  @Test
  void oneOfSeveralFacesIsChosen() {
    browser.upload(several);
    browser.await("three faces", () -> browser.all("#face-list input").size() == 3);
    String[] people = {"person_09", "person_03", "person_05"};
    for (int i = 0; i < 3; i++) {
      browser.run("document.querySelectorAll('#face-list input')[arguments[0]].click();", i);
      browser.awaitFirst(people[i]);
      assertThat(browser.all("#overlay .face").get(i).getAttribute("class")).contains("chosen");
    }
    browser.all("#overlay .face rect").get(0).click();
    browser.awaitFirst("person_09");
    assertThat(browser.all("#face-list input").get(0).isSelected()).isTrue();
  }

  @Test
  void theThresholdActsAtOnceAndAsksNothing() {
    browser.upload(one);
    browser.awaitFirst("person_02");
    browser.openAdjust();
    String own = browser.text("#threshold-value");
    assertThat(own).isEqualTo("1.116");
    assertThat(browser.text("#rate")).contains("1% of strangers would get a name among");
    assertThat(browser.shown("#threshold-reset")).isFalse();
    browser.requests();

    browser.slide("#threshold", 0.2);
    assertThat(browser.decided("SAME")).isZero();
    assertThat(browser.text("#rate")).contains("No pair of strangers");
    browser.slide("#threshold", 1.114);
    assertThat(browser.text("#rate")).contains("1 in 1,", "Measured on CelebA");
    browser.slide("#threshold", 1.4);
    assertThat(browser.text("#rate")).contains("of the pairs of strangers");
    browser.slide("#threshold", 1.6);
    // One name alone, and the other cards are unsure.
    assertThat(browser.decided("SAME")).isBetween(1L, 8L);
    assertThat(browser.decided("SAME") + browser.decided("UNSURE")).isEqualTo(12);
    assertThat(browser.requests().stream().filter(url -> url.contains("/api/search"))).isEmpty();

    browser.click("#threshold-reset");
    assertThat(browser.text("#threshold-value")).isEqualTo(own);
    assertThat(browser.decided("SAME")).isBetween(1L, 8L);
    assertThat(browser.focus()).contains("#threshold");
    browser.upload(one); // so that this test, too, has asked something
  }

  @Test
  void theNumberOfMatchesActsAtOnce() {
    browser.upload(one);
    browser.awaitMatches(12);
    browser.openAdjust();
    browser.slide("#k", 3);
    browser.awaitMatches(3);
    browser.slide("#k", 25);
    browser.awaitMatches(25);
    assertThat(browser.text("#k-value")).isEqualTo("25");
    browser.awaitFirst("person_02");
  }

  @Test
  void aFaceIsAddedAndThePersonForgotten() throws Exception {
    Path visitor = Files.write(folder.resolve("visitor.jpg"), TestServer.query(30));
    browser.upload(visitor);
    browser.awaitMatches(12);
    browser.click("#open-add");
    browser.await("a dialog", () -> browser.shown("#add-dialog"));
    assertThat(browser.focus()).contains("#add-person");
    browser.keys("Trần Thị Bé", Keys.ENTER);
    browser.awaitFirst("Trần Thị Bé");
    assertThat(browser.text("#toast")).isEqualTo("Added: Trần Thị Bé.");
    browser.await(
        "one more person",
        () ->
            browser
                .text("#gallery")
                .equals(PEOPLE * 4 + 1 + " faces of " + (PEOPLE + 1) + " people"));
    assertThat(server.index.faces().stream().flatMap(f -> f.face().person().stream()))
        .contains("Trần Thị Bé");

    browser.find(".card [aria-label='Forget Trần Thị Bé']").click();
    browser.await("a question", () -> browser.shown("#confirm-dialog"));
    assertThat(browser.text("#confirm-title")).isEqualTo("Forget Trần Thị Bé");
    browser.click("#confirm-dialog [data-close]");
    assertThat(server.index.size()).as("no is no").isEqualTo(PEOPLE * 4 + 1);
    browser.find(".card [aria-label='Forget Trần Thị Bé']").click();
    browser.click("#confirm-do");
    browser.await(
        "gone",
        () ->
            browser.all(".card").stream()
                .noneMatch(card -> "Trần Thị Bé".equals(card.getAttribute("data-person"))));
    browser.await("it is said", () -> browser.text("#toast").contains("1 face removed"));
    browser.await("a receipt", () -> browser.shown("#receipt-dialog"));
    assertThat(browser.text("#receipt-list")).contains("Faces removed\n1", "Hash of the gallery");
    assertThat(browser.text("#receipt-list")).doesNotContain("Bé");
    browser.click("#receipt-dialog .primary");
    assertThat(server.index.size()).isEqualTo(PEOPLE * 4);
    try (var files = Files.list(server.added)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void filesThatAreNoFacesAreExplained() throws Exception {
    Path text = Files.writeString(folder.resolve("text.jpg"), "no photo");
    browser.upload(text);
    browser.await("an alert", () -> browser.shown("#error"));
    assertThat(browser.text("#error")).contains("no readable photo");
    assertThat(browser.find("#error").getAttribute("role")).isEqualTo("alert");
    Path empty = Files.write(folder.resolve("nobody.png"), TestServer.noFace());
    browser.upload(empty);
    browser.await("an alert", () -> browser.text("#error").contains("No face was found"));
    Path large = Files.write(folder.resolve("large.jpg"), new byte[(2 << 20) + 1]);
    browser.upload(large);
    browser.await("an alert", () -> browser.text("#error").contains("too large"));
    assertThat(browser.all(".card")).isEmpty();
    browser.upload(one);
    browser.awaitFirst("person_02");
    assertThat(browser.shown("#error")).isFalse();
    // The browser logs answers of 4xx as errors, which is what was wanted here.
    assertThat(browser.consoleErrors()).allMatch(error -> error.contains("422"));
  }

  @Test
  void aFaceOfTheGalleryIsSearchedAndTheWayBack() {
    browser.upload(one);
    browser.awaitFirst("person_02");
    browser.click("#show-nearest");
    WebElement last = browser.all("#grid .card").get(11);
    String other = last.getAttribute("data-person");
    assertThat(other).isNotEqualTo("person_02");
    last.findElement(By.cssSelector(".card-actions button")).click();
    browser.awaitFirst(other);
    assertThat(browser.text(".card .distance")).contains("0.000");
    assertThat(browser.text("#photo-caption")).contains(other);
    browser.click("#back");
    browser.awaitFirst("person_02");
    assertThat(browser.all("#overlay rect")).hasSize(1);
  }

  @Test
  void everythingIsDoneWithoutAMouse() {
    browser.keys(Keys.TAB);
    assertThat(browser.focus()).as("the first stop").contains("a#.skip");
    browser.tabTo("#choose");
    browser.tabTo(".sample");
    browser.keys(Keys.ENTER);
    browser.awaitFirst("person_01");

    browser.tabTo("#adjust summary");
    browser.keys(Keys.ENTER);
    browser.tabTo("#k");
    browser.keys(Keys.HOME);
    browser.awaitMatches(1);
    browser.keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
    browser.awaitMatches(3);
    browser.tabTo("#threshold");
    browser.keys(Keys.HOME);
    assertThat(browser.decided("SAME")).isZero();
    browser.keys(Keys.END);
    assertThat(browser.decided("SAME")).isEqualTo(3);
    browser.tabTo("#threshold-reset");
    browser.run("document.activeElement.blur(); window.scrollTo(0, 0);");

    // Several faces: one stop, arrows choose.
    browser.go(server);
    browser.keys(Keys.TAB);
    browser.tabTo("#sample-list .sample:last-child");
    browser.keys(Keys.SPACE);
    browser.await("three faces", () -> browser.all("#face-list input").size() == 3);
    browser.tabTo("#face-list input");
    browser.keys(Keys.ARROW_LEFT);
    String chosen = (String) browser.run("return document.activeElement.value;");
    browser.await(
        "another face",
        () ->
            browser
                .all("#overlay .face")
                .get(Integer.parseInt(chosen))
                .getAttribute("class")
                .contains("chosen"));

    browser.tabTo("#open-add");
    browser.keys(Keys.ENTER);
    browser.await("a dialog", () -> browser.shown("#add-dialog"));
    browser.keys(Keys.ESCAPE);
    browser.await("no dialog", () -> !browser.shown("#add-dialog"));
    assertThat(browser.focus()).as("the focus comes back").contains("#open-add");

    browser.keys(Keys.chord(Keys.CONTROL, Keys.HOME));
    browser.run("document.activeElement.blur();");
    browser.tabTo("#nav-people");
    browser.keys(Keys.ENTER);
    browser.await("people", () -> browser.all("#people-list li").size() == PEOPLE);
    browser.tabTo("#people-filter");
    browser.keys("06");
    browser.await("one person", () -> browser.all("#people-list li").size() == 1);
    browser.tabTo("#people-list a");
    browser.keys(Keys.ENTER);
    browser.await("faces", () -> browser.all("#person-faces li").size() == 4);
    browser.tabTo("#person-search");
    browser.keys(Keys.ENTER);
    browser.awaitFirst("person_06");
  }

  @Test
  void itIsAccessibleInBothThemesAndAllStates() {
    for (String theme : List.of("light", "dark")) {
      browser.go(server);
      browser.theme(theme);
      browser.isAccessible(theme + ", empty");
      browser.upload(several);
      browser.await("three faces", () -> browser.all("#face-list input").size() == 3);
      browser.awaitMatches(12);
      browser.isAccessible(theme + ", matches");
      browser.click("#open-add");
      browser.isAccessible(theme + ", add");
      browser.click("#add-dialog [data-close]");
      browser.click("#look-upload");
      browser.await("a large view", () -> browser.all("#viewer-overlay rect").size() == 3);
      browser.isAccessible(theme + ", large view");
      browser.click("#viewer [data-close]");
      browser.find(".card:first-child [aria-label^='Forget']").click();
      browser.await("a question", () -> browser.shown("#confirm-dialog"));
      browser.isAccessible(theme + ", question");
      browser.click("#confirm-dialog [data-close]");
      browser.click("#open-camera");
      browser.await("the camera runs", () -> browser.find("#camera-take").isEnabled());
      browser.isAccessible(theme + ", camera");
      browser.click("#camera-dialog [data-close]");
      browser.size(360, 740);
      browser.isAccessible(theme + ", phone");
      browser.size(1280, 900);
    }
    browser.theme("auto");
  }

  @Test
  void theCheckOfAccessibilityFindsWhatIsWrong() {
    browser.openAdjust();
    browser.run(
        "document.querySelector('label[for=k]').remove();"
            + "document.querySelector('h1').style.color = '#ddd';");
    assertThatThrownBy(() -> browser.isAccessible("broken"))
        .hasMessageContaining("color-contrast")
        .hasMessageContaining("id=\"k\"");
  }

  @Test
  void itFitsAPhone() throws Exception {
    for (int width : new int[] {320, 390}) {
      browser.size(width, 740);
      browser.upload(several);
      browser.awaitMatches(12);
      assertThat((Long) browser.run("return document.documentElement.scrollWidth;"))
          .as("nothing is wider than the screen")
          .isLessThanOrEqualTo(width);
      List<Object> small =
          IntStream.range(0, browser.all("button").size())
              .mapToObj(
                  i ->
                      browser.run(
                          "const b = document.querySelectorAll('button')[arguments[0]];"
                              + "const r = b.getBoundingClientRect();"
                              + "return r.width === 0 || (r.height >= 24 && r.width >= 24)"
                              + " || b.className === 'link' ? null : b.outerHTML;",
                          i))
              .filter(Objects::nonNull)
              .toList();
      assertThat(small).as("targets of at least 24 pixels").isEmpty();
    }
  }

  @Test
  void itSpeaksVietnamese() throws Exception {
    browser.run(
        "const s = document.getElementById('language'); s.value = 'vi';"
            + "s.dispatchEvent(new Event('change'));");
    browser.await("Vietnamese", () -> browser.text("h1").equals("Tìm khuôn mặt giống nhau"));
    browser.upload(one);
    browser.awaitFirst("person_02");
    assertThat(browser.text(".card .badge")).contains("Cùng một người");
    assertThat(browser.find("html").getAttribute("lang")).isEqualTo("vi");
    browser.openAdjust();
    assertThat(browser.text("#threshold-value")).isEqualTo("1,116");
    browser.isAccessible("Vietnamese");
    browser.go(server);
    assertThat(browser.text("h1")).as("it is remembered").startsWith("Tìm");
    browser.run("localStorage.clear();");
    browser.go(server);
    assertThat(browser.text("h1")).isEqualTo("Find similar faces");
  }

  @Test
  void namesAreShownAsTheyAreWritten() throws Exception {
    String name = "<img src=x onerror=alert(1)>";
    server
        .photo(
            "/api/faces?person=" + URLEncoder.encode(name, StandardCharsets.UTF_8),
            TestServer.query(31))
        .is(201, "Added");
    try {
      browser.upload(Files.write(folder.resolve("named.jpg"), TestServer.query(31)));
      browser.awaitFirst(name);
      browser.view("view=people");
      browser.await("people", () -> browser.text("#people-list").contains(name));
      assertThat(browser.all("img[src=x]")).isEmpty();
    } finally {
      server.delete("/api/people?person=" + URLEncoder.encode(name, StandardCharsets.UTF_8));
    }
  }

  /** One story from beginning to end; makes the pictures of docs/images where they are wanted. */
  @Test
  @EnabledIfSystemProperty(named = "facesearch.screenshots", matches = ".+")
  void theStoryOfTheFilmStrip(@TempDir Path whole) throws Exception {
    try (TestServer demo = TestServer.start(whole, 16, b -> b.samples(TestServer.samples()))) {
      demo.awaitIndexing();
      for (int photo = 1; photo <= 4; photo++) {
        demo.photo("/api/faces", sample(18, photo)).is(201, "Added"); // somebody without a name
      }
      String[] names = {"Ana", "Bob", "Chi", "Dao", "Eva", "Fay", "Gus", "Hà"};
      for (int i = 0; i < names.length; i++) {
        String id = group(demo, "person_0" + (i + 1));
        demo.json("/api/groups/" + id + "/name", "{\"name\": \"" + names[i] + "\"}")
            .is(200, "Corrected");
      }
      browser.size(1000, 640);
      browser.go(demo);
      browser.theme("light");
      browser.find(".sample:nth-child(3)").click();
      browser.awaitText("#headline", "This is Chi");
      picture("query-page");

      browser.theme("dark");
      browser.find(".card [aria-label='Compare with Chi']").click();
      browser.awaitText("#compare-verdict", "The same person");
      picture("compare-dark");

      browser.size(390, 800);
      browser.view("view=search");
      browser.upload(Files.write(whole.resolve("three.png"), TestServer.together(9, 3, 5)));
      browser.await("three faces", () -> browser.all("#face-list .who").size() == 3);
      browser.awaitText("#headline", "This is .*");
      picture("answer-phone-dark");

      browser.size(1000, 640);
      browser.theme("light");
      browser.view("view=people&person=" + group(demo, "Dao"));
      browser.awaitText("#similar-title", "Also Dao\\?");
      browser.await("faces", () -> browser.all("#person-faces li").size() == 4);
      picture("person");

      browser.size(390, 800);
      browser.view("view=people");
      browser.await("people", () -> browser.all("#people-list li").size() > 8);
      picture("people-phone");

      browser.size(1000, 640);
      browser.theme("dark");
      browser.view("view=photos");
      List<String> party = new ArrayList<>();
      for (int i : new int[] {1, 2, 4, 8, 23, 24}) {
        party.add(
            Files.write(whole.resolve("party-" + i + ".jpg"), TestServer.query(i)).toString());
      }
      party.add(Files.write(whole.resolve("sunset.png"), TestServer.noFace()).toString());
      party.add(Files.write(whole.resolve("table.png"), TestServer.together(9, 3, 5)).toString());
      browser.find("#batch-files").sendKeys(String.join("\n", party));
      browser.click("#batch-who");
      browser.awaitText("#batch-count", "8 of 8 done");
      picture("photos-dark");

      browser.theme("light");
      browser.view("view=people&person=" + group(demo, "Gus"));
      browser.await("faces", () -> browser.all("#person-faces li").size() == 4);
      browser.click("#person-forget");
      browser.click("#confirm-do");
      browser.await("a receipt", () -> browser.shown("#receipt-dialog"));
      picture("receipt");
      browser.click("#receipt-dialog .primary");

      browser.size(390, 800);
      browser.theme("dark");
      browser.view("view=search");
      browser.upload(whole.resolve("table.png"));
      browser.awaitText("#headline", "This is .*");
      browser.click("#look-upload");
      browser.await("three boxes", () -> browser.all("#viewer-overlay rect").size() == 3);
      picture("viewer-phone-dark");
      browser.keys(Keys.ESCAPE);
      browser.theme("auto");
      assertThat(browser.consoleErrors()).isEmpty();
      browser.driver.get("about:blank");
      browser.requests();
      browser.consoleErrors();
    }
    browser.go(server);
  }

  private static void picture(String name) throws Exception {
    browser.run("document.activeElement.blur();");
    Thread.sleep(700); // until pictures are decoded and transitions over
    browser.screenshot(name);
  }

  private static byte[] sample(int person, int photo) throws Exception {
    return Files.readAllBytes(
        TestServer.SAMPLES.resolve("gallery/person_%02d/photo_%d.jpg".formatted(person, photo)));
  }

  private static String group(TestServer demo, String name) throws Exception {
    return demo.get("/api/groups?q=" + name)
        .is(200, "Groups")
        .getAsJsonArray("groups")
        .get(0)
        .getAsJsonObject()
        .get("id")
        .getAsString();
  }
}
