package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.results.Rule;
import com.deque.html.axecore.selenium.AxeBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import javax.imageio.ImageIO;
import org.openqa.selenium.By;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.TimeoutException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.support.ui.WebDriverWait;

/** A headless Chromium of this machine, driven by its own chromedriver; nothing is downloaded. */
final class Browser implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Opens one with these switches; skips the test, and says so, where there is no Chromium. */
  static Browser open(String... switches) {
    Path chromium = Path.of(System.getProperty("facesearch.chromium", "/usr/bin/chromium"));
    Path chromedriver =
        Path.of(System.getProperty("facesearch.chromedriver", "/usr/bin/chromedriver"));
    assumeTrue(
        Files.isExecutable(chromium) && Files.isExecutable(chromedriver),
        "skipped: there is no "
            + chromium
            + " with "
            + chromedriver
            + "; install chromium and chromium-driver, or name them by -Dfacesearch.chromium and"
            + " -Dfacesearch.chromedriver");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium.toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox", // Chromium's own sandbox does not start for root, as in containers
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--force-device-scale-factor=1",
        "--window-size=1280,1000");
    if (Arrays.stream(switches).noneMatch(one -> one.startsWith("--lang"))) {
      options.addArguments("--lang=en-US");
    }
    options.addArguments(switches);
    options.setCapability("goog:loggingPrefs", Map.of("browser", "ALL", "performance", "ALL"));
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(chromedriver.toFile())
            .usingAnyFreePort()
            .build();
    Browser browser = new Browser(new ChromeDriver(service, options));
    browser.size(1280, 900);
    return browser;
  }

  void size(int width, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
  }

  void go(TestServer server) {
    driver.get(server.uri("/").toString());
    await("the page is ready", () -> find(":root[data-ready]").isDisplayed());
  }

  WebElement find(String css) {
    return driver.findElement(By.cssSelector(css));
  }

  List<WebElement> all(String css) {
    return driver.findElements(By.cssSelector(css));
  }

  String text(String css) {
    return find(css).getText();
  }

  boolean shown(String css) {
    return all(css).stream().anyMatch(WebElement::isDisplayed);
  }

  void click(String css) {
    find(css).click();
  }

  void keys(CharSequence... keys) {
    new Actions(driver).sendKeys(keys).perform();
  }

  /** The element with the focus, as tag#id.class. */
  String focus() {
    return (String)
        run(
            "const e = document.activeElement;"
                + "return e.tagName.toLowerCase() + '#' + e.id + '.' + e.className;");
  }

  /** Presses Tab until an element has the focus, as somebody without a mouse does. */
  void tabTo(String css) {
    for (int i = 0; i < 120; i++) {
      if ((Boolean) run("return document.activeElement.matches(arguments[0]);", css)) {
        assertThat((Boolean) run("return document.activeElement.matches(':focus-visible');"))
            .as("the focus can be seen")
            .isTrue();
        return;
      }
      keys(Keys.TAB);
    }
    throw new AssertionError("Tab never reaches " + css + ", the last was " + focus());
  }

  Object run(String script, Object... arguments) {
    return ((JavascriptExecutor) driver).executeScript(script, arguments);
  }

  /** The last argument of the script is a function to call with its result. */
  Object runAsync(String script, Object... arguments) {
    return ((JavascriptExecutor) driver).executeAsyncScript(script, arguments);
  }

  void await(String what, BooleanSupplier fulfilled) {
    new WebDriverWait(driver, PATIENCE, Duration.ofMillis(30))
        .withMessage(what)
        .ignoring(StaleElementReferenceException.class)
        .until(d -> fulfilled.getAsBoolean());
  }

  /** Waits for a text; a failure tells the one that was there instead. */
  void awaitText(String css, String regex) {
    String[] last = {""};
    try {
      await(
          css,
          () -> {
            last[0] = text(css);
            return last[0].matches("(?s)" + regex);
          });
    } catch (TimeoutException e) {
      throw new AssertionError(css + " should be " + regex + ", but is: " + last[0], e);
    }
  }

  // What the page shows

  void upload(Path file) {
    find("#file").sendKeys(file.toAbsolutePath().toString());
  }

  void awaitFirst(String person) {
    await(person + " is first", () -> !all(".card").isEmpty() && firstPerson().equals(person));
  }

  /** The name on the first card; that of nobody's is empty. */
  String firstPerson() {
    return find(".card").getAttribute("data-person");
  }

  /** Bottom of an element in the window, pixels. */
  double bottom(String css) {
    return ((Number)
            run("return document.querySelector(arguments[0]).getBoundingClientRect().bottom;", css))
        .doubleValue();
  }

  void downloadTo(Path folder) {
    driver.executeCdpCommand(
        "Browser.setDownloadBehavior",
        Map.of("behavior", "allow", "downloadPath", folder.toAbsolutePath().toString()));
  }

  String address() {
    return driver.getCurrentUrl();
  }

  void openAdjust() {
    run("document.getElementById('adjust').open = true;");
  }

  /** Opens an address of the page, after the '#'. */
  void view(String settings) {
    run("location.hash = arguments[0];", settings);
  }

  void awaitMatches(int count) {
    await(count + " matches", () -> all(".card").size() == count);
  }

  long decided(String decision) {
    return all(".card[data-decision=" + decision + "]").size();
  }

  void theme(String theme) {
    run(
        "const s = document.getElementById('theme'); s.value = arguments[0];"
            + "s.dispatchEvent(new Event('change'));",
        theme);
  }

  /** Sets a slider as a drag does. */
  void slide(String css, double value) {
    run(
        "const s = document.querySelector(arguments[0]); s.value = arguments[1];"
            + "s.dispatchEvent(new Event('input', {bubbles: true}));",
        css,
        value);
  }

  void screenshot(String name) throws IOException {
    String folder = System.getProperty("facesearch.screenshots");
    if (folder != null) {
      BufferedImage picture =
          ImageIO.read(new ByteArrayInputStream(driver.getScreenshotAs(OutputType.BYTES)));
      BufferedImage opaque =
          new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_INT_RGB);
      opaque.createGraphics().drawImage(picture, 0, 0, null);
      Path file = Files.createDirectories(Path.of(folder)).resolve(name + ".jpg");
      byte[] jpeg = Pictures.jpeg(opaque);
      assertThat(jpeg).as(name).hasSizeLessThan(100_000);
      Files.write(file, jpeg);
    }
  }

  /** No finding of axe-core by WCAG 2.2 A and AA. */
  void isAccessible(String where) {
    List<String> findings = new ArrayList<>();
    for (Rule rule :
        new AxeBuilder()
            .withTags(
                List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"))
            .analyze(driver)
            .getViolations()) {
      findings.add(
          rule.getImpact()
              + " "
              + rule.getId()
              + ": "
              + rule.getHelp()
              + " "
              + rule.getNodes().stream().map(node -> node.getHtml()).toList());
    }
    assertThat(findings).as(where).isEmpty();
  }

  /** Addresses that were asked for since the last call. */
  List<String> requests() {
    List<String> urls = new ArrayList<>();
    for (LogEntry entry : driver.manage().logs().get("performance")) {
      JsonObject message =
          JsonParser.parseString(entry.getMessage()).getAsJsonObject().getAsJsonObject("message");
      if (message.get("method").getAsString().equals("Network.requestWillBeSent")) {
        urls.add(
            message.getAsJsonObject("params").getAsJsonObject("request").get("url").getAsString());
      }
    }
    return urls;
  }

  /** Errors that the console shows, such as violations of the content security policy. */
  List<String> consoleErrors() {
    return driver.manage().logs().get("browser").getAll().stream()
        .filter(entry -> entry.getLevel().intValue() >= Level.SEVERE.intValue())
        .map(LogEntry::getMessage)
        .toList();
  }

  @Override
  public void close() {
    driver.quit();
  }
}
