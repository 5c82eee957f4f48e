package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The query page of servers that are not ready, or ask for more. */
@Tag("slow")
class QueryPageStartTest {
  private static final String TOKEN = "a-token-of-this-test";

  @TempDir private Path folder;
  private Browser browser;

  @AfterEach
  void close() {
    if (browser != null) {
      browser.close();
    }
  }

  @Test
  void indexingIsShownAndTheGallerySearchedMeanwhile() throws Exception {
    browser = Browser.open();
    try (TestServer server = TestServer.start(folder, 32, builder -> builder)) {
      browser.go(server);
      browser.await("progress", () -> browser.shown("#indexing"));
      assertThat(browser.text("#indexing-text")).contains("You can search meanwhile");
      // A fast machine may have indexed all before the answer is drawn.
      browser.upload(Files.write(folder.resolve("one.jpg"), TestServer.query(1)));
      browser.await("matches", () -> !browser.all(".card").isEmpty());
      browser.await("it ends", () -> !browser.shown("#indexing"));
      browser.await("all faces", () -> browser.text("#gallery").equals("128 faces of 32 people"));
      browser.await("it is said", () -> browser.text("#toast").contains("128 faces"));
      browser.await("the answer is of all", () -> browser.text("#summary").contains("128 faces"));
      browser.awaitFirst("person_01");
    }
  }

  @Test
  void theTokenIsAskedForOnce() throws Exception {
    browser = Browser.open();
    try (TestServer server = TestServer.start(folder, 1, builder -> builder.token(TOKEN))) {
      server.awaitIndexing("Authorization", "Bearer " + TOKEN);
      browser.driver.get(server.uri("/").toString());
      browser.await("a question", () -> browser.shown("#token-dialog"));
      browser.isAccessible("token");
      browser.keys("wrong", Keys.ENTER);
      browser.await("no", () -> browser.text("#token-error").contains("not the token"));
      browser.find("#token").clear();
      browser.find("#token").sendKeys(TOKEN, Keys.ENTER);
      browser.await("ready", () -> browser.all(":root[data-ready]").size() == 1);
      browser.upload(Files.write(folder.resolve("one.jpg"), TestServer.query(1)));
      browser.awaitFirst("person_01");
      browser.await(
          "pictures come with the cookie",
          () ->
              (Boolean)
                  browser.run("return document.querySelector('.card img').naturalWidth > 0;"));
      browser.go(server);
      assertThat(browser.shown("#token-dialog")).isFalse();
    }
  }

  @Test
  void theLanguageOfTheBrowserIsSpoken() throws Exception {
    browser = Browser.open("--lang=vi", "--accept-lang=vi");
    try (TestServer server = TestServer.start(folder, 1)) {
      browser.go(server);
      assertThat(browser.text("h1")).isEqualTo("Tìm khuôn mặt giống nhau");
      assertThat(browser.find("#language").getAttribute("value")).isEqualTo("vi");
    }
  }
}
