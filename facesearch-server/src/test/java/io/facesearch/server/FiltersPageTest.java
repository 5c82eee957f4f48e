package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.FaceImage;
import io.facesearch.FaceInfo;
import io.facesearch.Gallery;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.support.ui.Select;

/** On the page: which faces are searched, photos as an archive, and several galleries. */
@Tag("slow")
class FiltersPageTest {
  @TempDir private static Path folder;
  private static Path downloads;
  private static Browser browser;
  private static TestServer server;
  private static Path one;

  @BeforeAll
  static void start() throws Exception {
    browser = Browser.open();
    downloads = Files.createDirectories(folder.resolve("downloads"));
    browser.downloadTo(downloads);
    server =
        TestServer.start(
            folder,
            4,
            builder -> {
              DatedPhotos.date(folder.resolve("gallery-" + folder.getFileName()));
              return builder;
            });
    server.awaitIndexing();
    one = Files.write(folder.resolve("one.jpg"), TestServer.query(2));
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

  private static void search() {
    browser.upload(one);
    browser.awaitMatches(12);
  }

  private static void openFilters() {
    browser.click("#filters > summary");
    browser.await("what there is", () -> browser.shown("#from"));
  }

  private static String folders() {
    return browser.find("#folder").getText();
  }

  @Test
  void facesAreFilteredAndTheCountsFollow() {
    search();
    openFilters();
    assertThat(folders()).contains("person_02 (4)");
    assertThat(browser.text("#taken-count")).isEqualTo("2021 (4) · 2022 (4) · 2023 (4)");
    // By keyboard alone, from day to day.
    browser.tabTo("#from-slider");
    browser.keys(Keys.END, Keys.TAB);
    browser.awaitMatches(4);
    browser.awaitText("#filters-count", "4 of 16 faces");
    assertThat(browser.address()).contains("from=2023-06-15");
    assertThat(folders()).as("of that day").contains("person_02 (1)");
    new Select(browser.find("#folder")).selectByValue("person_02");
    browser.awaitMatches(1);
    assertThat(browser.firstPerson()).isEqualTo("person_02");
    browser.awaitText("#filters-count", "1 of 16 faces");
    assertThat(browser.text("#headline")).as("who it is").isEqualTo("This is person_02");
    // The way back, and the address alone.
    browser.driver.navigate().back();
    browser.awaitMatches(4);
    browser.await("the choice", () -> browser.find("#folder").getAttribute("value").isEmpty());
    browser.view("folder=person_03&quality=0.1");
    browser.awaitMatches(4);
    assertThat(browser.firstPerson()).isEqualTo("person_03");
    browser.awaitText("#quality-value", "10% \\(4\\)");
    browser.click("#filters-clear");
    browser.awaitMatches(12);
    assertThat(browser.focus()).startsWith("summary");
    assertThat(browser.address()).doesNotContain("folder", "quality");
  }

  @Test
  void aGalleryThatThereIsNotIsSaid() {
    browser.driver.get(server.uri("/?gallery=%3Cb%3Enobody").toString());
    browser.await("ready", () -> browser.all(":root[data-ready]").size() == 1);
    browser.awaitText("#error", ".*no gallery of that name: <b>nobody.*");
    browser.go(server);
    assertThat(browser.shown("#error")).isFalse();
  }

  @Test
  void theDaysDoNotCross() {
    search();
    browser.view("to=2022-01-01");
    browser.awaitMatches(4);
    browser.run("document.getElementById('filters').open = true;");
    browser.await("days", () -> browser.shown("#from"));
    browser.slide("#from-slider", 1e9);
    browser.run(
        "document.getElementById('from-slider').dispatchEvent(new Event('change',"
            + " {bubbles: true}));");
    browser.await("both", () -> browser.address().contains("from=2023-06-15"));
    assertThat(browser.address()).contains("to=2023-06-15");
    browser.awaitMatches(4);
  }

  /** As one types: the years 2, 20 and 202 are no days that are meant. */
  @Test
  void aDayIsTypedAndAYearIsChosen() {
    search();
    openFilters();
    browser.find("#from").sendKeys("01012022");
    browser.awaitMatches(8);
    assertThat(browser.address()).contains("from=2022-01-01").doesNotContain("to=");
    browser.driver.navigate().back();
    browser.awaitMatches(12);
    assertThat(browser.address()).doesNotContain("from=");
    browser.click("#taken-count button:nth-of-type(2)");
    browser.awaitMatches(4);
    assertThat(browser.address()).contains("from=2022-01-01&to=2022-12-31");
  }

  @Test
  void theyAreAccessibleAndFitAPhone() {
    for (String theme : new String[] {"light", "dark"}) {
      browser.size(360, 740);
      browser.go(server);
      browser.theme(theme);
      search();
      browser.view("folder=person_03&quality=0.1&from=2021-01-01");
      browser.awaitMatches(3);
      browser.run("document.getElementById('filters').open = true;");
      browser.await("what there is", () -> browser.shown("#from"));
      browser.isAccessible("filters, " + theme);
      assertThat(browser.run("return document.documentElement.scrollWidth;"))
          .as("nothing is wider than the screen")
          .isEqualTo(360L);
    }
    browser.theme("auto");
  }

  private static Set<String> unpack(String name) throws Exception {
    Path file = downloads.resolve(name);
    browser.await(name, () -> Files.exists(file));
    Set<String> names = new TreeSet<>();
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(file))) {
      for (ZipEntry entry; (entry = in.getNextEntry()) != null; ) {
        assertThat(in.readAllBytes())
            .isEqualTo(Files.readAllBytes(server.gallery.resolve(entry.getName())));
        names.add(entry.getName());
      }
    }
    Files.delete(file);
    return names;
  }

  @Test
  void thePhotosThatAreShownAreSaved() throws Exception {
    search();
    browser.view("folder=person_03&from=2022-01-01");
    browser.awaitMatches(2);
    browser.openAdjust();
    browser.click("#export-zip");
    assertThat(unpack("photos.zip"))
        .containsExactly("person_03/photo_2.jpg", "person_03/photo_3.jpg");
    browser.view("view=people");
    browser.await("people", () -> browser.all("#people-list a").size() == 4);
    browser.click("#people-list li:first-child a");
    browser.await("the person", () -> browser.shown("#person-zip"));
    browser.click("#person-zip");
    assertThat(unpack("photos.zip")).hasSize(4);
  }

  @Test
  void oneOfSeveralGalleriesIsChosen() throws Exception {
    Gallery family = Gallery.builder().open();
    add(family, 2, "Ann");
    Gallery club = Gallery.builder().open();
    add(club, 2, "Bob");
    add(club, 3, "Cid");
    try (FaceServer several =
        FaceServer.builder()
            .gallery("family", family, null)
            .gallery("club", club, null)
            .port(0)
            .start()) {
      browser.driver.get(several.url());
      browser.await("the page is ready", () -> browser.find(":root[data-ready]").isDisplayed());
      browser.isAccessible("several galleries");
      browser.upload(one);
      browser.awaitText("#headline", "This is Ann");
      new Select(browser.find("#galleries")).selectByValue("club");
      browser.await("the other", () -> browser.address().contains("gallery=club"));
      browser.await("the page is ready", () -> browser.find(":root[data-ready]").isDisplayed());
      browser.awaitText("#gallery", "2 faces of 2 people");
      browser.upload(one);
      browser.awaitText("#headline", "This is Bob");
      browser.click("#nav-people");
      browser.await("people", () -> browser.all("#people-list a").size() == 2);
      assertThat(browser.address()).as("it stays").contains("gallery=club");
      browser.size(360, 740);
      assertThat(browser.run("return document.documentElement.scrollWidth;")).isEqualTo(360L);
      browser.driver.get("about:blank"); // before the server is gone
    }
  }

  /** With its photo. */
  private static void add(Gallery gallery, int person, String name) {
    FaceImage photo = FaceImage.read(TestServer.query(person));
    gallery.addFace(photo, gallery.analyzer().analyze(photo).get(0), FaceInfo.person(name));
  }

  @Test
  void oneGalleryOffersNoChoice() {
    assertThat(browser.shown("#galleries")).isFalse();
  }
}
