package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.facesearch.Gallery;
import io.facesearch.PhotoSource;
import io.facesearch.spi.GalleryStorage;
import io.facesearch.store.FaceStore;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.function.UnaryOperator;
import javax.imageio.ImageIO;

/** A server on a free port with the real pipeline and some people of the sample gallery. */
final class TestServer implements AutoCloseable {
  static final Path SAMPLES =
      Path.of("../facesearch-cli/src/main/resources/io/facesearch/cli/samples");

  final Path gallery;
  final Path added;
  final FaceStore index;

  /** The gallery of that store, which knows of what is changed through it. */
  final Gallery opened;

  private final FaceServer server;
  private final HttpClient client = HttpClient.newHttpClient();

  /** An answer with its JSON, if it is any. */
  record Answer(int status, HttpResponse<byte[]> response) {
    JsonObject json() {
      return JsonParser.parseString(text()).getAsJsonObject();
    }

    String text() {
      return new String(response.body(), StandardCharsets.UTF_8);
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse(null);
    }

    /** Fails unless it is a problem of that kind, told as one. */
    void isProblem(int expected, String code) {
      assertThat(status).as(text()).isEqualTo(expected);
      assertThat(header("Content-Type")).startsWith("application/problem+json");
      Schemas.check("Problem", text());
      assertThat(json().get("code").getAsString()).isEqualTo(code);
      assertThat(json().get("status").getAsInt()).isEqualTo(expected);
      assertThat(json().get("detail").getAsString()).isNotBlank().doesNotContain("Exception");
    }

    /** Fails unless it has that status and the form that openapi.json says. */
    JsonObject is(int expected, String schema) {
      assertThat(status).as(text()).isEqualTo(expected);
      Schemas.check(schema, text());
      return json();
    }
  }

  private TestServer(
      Path folder,
      int people,
      UnaryOperator<GalleryStorage> wrapper,
      UnaryOperator<FaceServer.Builder> settings)
      throws IOException {
    gallery = Files.createDirectories(folder.resolve("gallery-" + folder.getFileName()));
    Path store = folder.resolve("store-" + folder.getFileName());
    index = FaceStore.open(store);
    added = store.resolve(".photos");
    for (int p = 1; p <= people; p++) {
      String person = "person_%02d".formatted(p);
      Files.createDirectories(gallery.resolve(person));
      for (int i = 1; i <= 4; i++) {
        String photo = person + "/photo_" + i + ".jpg";
        Files.copy(SAMPLES.resolve("gallery").resolve(photo), gallery.resolve(photo));
      }
    }
    opened = Gallery.builder().storage(wrapper.apply(index)).open();
    server =
        settings
            .apply(FaceServer.builder(opened).photos(PhotoSource.folder(gallery)).port(0))
            .start();
  }

  /** Starts one and waits until its gallery is indexed. */
  static TestServer start(Path folder, int people) throws Exception {
    TestServer server = start(folder, people, builder -> builder);
    server.awaitIndexing();
    return server;
  }

  static TestServer start(Path folder, int people, UnaryOperator<FaceServer.Builder> settings)
      throws IOException {
    return new TestServer(folder, people, index -> index, settings);
  }

  /** Starts one on the index that the function makes of its own. */
  static TestServer on(Path folder, int people, UnaryOperator<GalleryStorage> wrapper)
      throws Exception {
    TestServer server = startOn(folder, people, wrapper);
    server.awaitIndexing();
    return server;
  }

  static TestServer startOn(Path folder, int people, UnaryOperator<GalleryStorage> wrapper)
      throws IOException {
    return new TestServer(folder, people, wrapper, builder -> builder);
  }

  void awaitIndexing(String... headers) throws Exception {
    long end = System.nanoTime() + 60_000_000_000L;
    while (true) {
      JsonObject info = get("/api/info", headers).is(200, "Info");
      String state = info.getAsJsonObject("indexing").get("state").getAsString();
      if (state.equals("done")) {
        return;
      }
      assertThat(state).isEqualTo("running");
      assertThat(System.nanoTime()).as("indexing takes more than a minute").isLessThan(end);
      Thread.sleep(20);
    }
  }

  List<Route> routes() {
    return server.routes();
  }

  /** Forgets what is due. */
  void retire() {
    server.retire();
  }

  /** Bytes of bodies that the server holds. */
  long held() {
    return server.held();
  }

  /** Waits until the bytes of bodies that the server holds are so. */
  void awaitHeld(LongPredicate condition) throws InterruptedException {
    long end = System.nanoTime() + 60_000_000_000L;
    for (long held = held(); !condition.test(held); held = held()) {
      assertThat(System.nanoTime()).as("after a minute, " + held + " are held").isLessThan(end);
      Thread.sleep(10);
    }
  }

  URI uri(String path) {
    return URI.create(server.url().replace("0.0.0.0", "127.0.0.1")).resolve(path);
  }

  Answer get(String path, String... headers) throws Exception {
    return send(HttpRequest.newBuilder(uri(path)).GET(), headers);
  }

  Answer delete(String path, String... headers) throws Exception {
    return send(HttpRequest.newBuilder(uri(path)).DELETE(), headers);
  }

  Answer post(String path, String type, byte[] body, String... headers) throws Exception {
    return send(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body)),
        headers);
  }

  Answer photo(String path, byte[] photo) throws Exception {
    return post(path, "image/jpeg", photo);
  }

  Answer json(String path, String body) throws Exception {
    return post(path, "application/json", body.getBytes(StandardCharsets.UTF_8));
  }

  Answer send(HttpRequest.Builder request, String... headers) throws Exception {
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpRequest built = request.build();
    HttpResponse<byte[]> response = client.send(built, HttpResponse.BodyHandlers.ofByteArray());
    Router.Match match = new Router(routes()).match(built.uri().getRawPath());
    if (match != null && response.statusCode() != 500) { // what fails inside is not documented
      for (Route route : match.routes()) {
        if (route.method().equals(built.method()) && route.access() != Route.Access.PAGE) {
          Schemas.checkStatus(route.method(), route.path(), response.statusCode());
        }
      }
    }
    return new Answer(response.statusCode(), response);
  }

  /** Sends lines as they are, as no well-behaved client would; returns all that comes back. */
  String raw(String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", uri("/").getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** A held-out photo of a person. */
  static byte[] query(int person) {
    try {
      return Files.readAllBytes(SAMPLES.resolve("queries/person_%02d.jpg".formatted(person)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A few held-out photos, and one with several people. */
  static Samples samples() {
    Map<String, byte[]> photos = new LinkedHashMap<>();
    for (int person = 1; person <= 5; person++) {
      photos.put("person_%02d.jpg".formatted(person), query(person));
    }
    try {
      BufferedImage several = ImageIO.read(new ByteArrayInputStream(together(6, 7, 8)));
      photos.put("several.jpg", encode(several, "jpeg"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Samples.of(photos);
  }

  /** One photo of several people, from left to right. */
  static byte[] together(int... people) throws IOException {
    BufferedImage all = new BufferedImage(176 * people.length, 176, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = all.createGraphics();
    for (int i = 0; i < people.length; i++) {
      BufferedImage one = ImageIO.read(new ByteArrayInputStream(query(people[i])));
      g.drawImage(one, 176 * i, 0, null);
    }
    g.dispose();
    return encode(all, "png");
  }

  static byte[] encode(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, format, bytes);
    return bytes.toByteArray();
  }

  /** A picture of nobody. */
  static byte[] noFace() throws IOException {
    BufferedImage image = new BufferedImage(200, 200, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 200 * 200; i++) {
      image.setRGB(i % 200, i / 200, 0x010101 * (i % 200));
    }
    return encode(image, "png");
  }

  static String personOfFirst(JsonObject found) {
    return found
        .getAsJsonObject("result")
        .getAsJsonArray("matches")
        .get(0)
        .getAsJsonObject()
        .getAsJsonObject("face")
        .get("person")
        .getAsString();
  }

  static List<String> people(JsonObject found) {
    return found.getAsJsonObject("result").getAsJsonArray("matches").asList().stream()
        .map(match -> match.getAsJsonObject().getAsJsonObject("face").get("person"))
        .map(person -> person == null ? "" : person.getAsString())
        .toList();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
