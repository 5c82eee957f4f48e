package io.facesearch.benchmarks;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Puts a running server ({@code serve}) under load: {@code ServerLoad URL PHOTOS [SECONDS CLIENTS
 * PID [KINDS]]}. Kinds are photo, vector, face (the default), facets, folder, people and leave.
 * Clients search beside each other, each its next when it has its answer: by photos of a folder, by
 * vectors, and by faces of the gallery; meanwhile one more client adds faces, and removes them.
 * Prints answers a second, median and 99th percentile, answers other than 200, and with the
 * server's process id its resident memory (Linux). Server and clients share this machine.
 */
public final class ServerLoad {
  private static final int PHOTOS = 500;
  private static final int K = 12;

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .executor(Executors.newFixedThreadPool(4, ServerLoad::daemon))
          .build();
  private final URI server;
  private final List<byte[]> photos = new ArrayList<>();
  private final int seconds;
  private final int clients;
  private final long pid;

  private ServerLoad(URI server, Path folder, int seconds, int clients, long pid)
      throws IOException {
    this.server = server;
    this.seconds = seconds;
    this.clients = clients;
    this.pid = pid;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file :
          files
              .filter(f -> f.toString().toLowerCase(Locale.ROOT).endsWith(".jpg"))
              .sorted()
              .limit(PHOTOS)
              .toList()) {
        photos.add(Files.readAllBytes(file));
      }
    }
    if (photos.isEmpty()) {
      throw new IOException("no *.jpg is in " + folder);
    }
  }

  /** One request of a client. */
  @FunctionalInterface
  private interface Request {
    HttpResponse<String> send() throws Exception;
  }

  public static void main(String[] args) throws Exception {
    ServerLoad load =
        new ServerLoad(
            URI.create(args[0]),
            Path.of(args[1]),
            args.length > 2 ? Integer.parseInt(args[2]) : 60,
            args.length > 3 ? Integer.parseInt(args[3]) : 32,
            args.length > 4 ? Long.parseLong(args[4]) : 0);
    load.run(args.length > 5 ? List.of(args[5].split(",")) : List.of("photo", "vector", "face"));
  }

  private void run(List<String> kinds) throws Exception {
    List<String> vectors = new ArrayList<>();
    List<String> faces = new ArrayList<>();
    for (byte[] photo : photos.subList(0, Math.min(64, photos.size()))) {
      JsonArray found = json(photo("/api/detect", photo)).getAsJsonArray("faces");
      if (!found.isEmpty()) {
        vectors.add(found.get(0).getAsJsonObject().get("vector").toString());
      }
    }
    JsonObject some = json(get("/api/faces?limit=1000"));
    some.getAsJsonArray("faces")
        .forEach(face -> faces.add(face.getAsJsonObject().get("id").getAsString()));
    System.out.printf(
        "%d faces, %d clients and one that adds, %d s each, k = %d%n",
        some.get("total").getAsInt(), clients, seconds, K);
    for (String kind : kinds) {
      switch (kind) {
        case "photo" -> measure(kind, () -> photo("/api/search?k=" + K, any(photos)));
        case "vector" ->
            measure(kind, () -> search("{\"k\":" + K + ",\"vector\":" + any(vectors) + "}"));
        case "face" ->
            measure(kind, () -> search("{\"k\":" + K + ",\"face\":\"" + any(faces) + "\"}"));
        case "facets" -> measure(kind, () -> get("/api/facets"));
        case "folder" ->
            measure(
                kind,
                () -> search("{\"k\":12,\"folder\":\"2020\",\"face\":\"" + any(faces) + "\"}"));
        case "people" -> measure(kind, () -> get("/api/groups?limit=60"));
        case "leave" -> leave();
        default -> throw new IllegalArgumentException("no kind of search: " + kind);
      }
    }
  }

  /**
   * Clients that leave in the middle of an upload: what the server holds of them, by {@code
   * /metrics}, until it holds nothing.
   */
  private void leave() throws Exception {
    byte[] photo = new byte[4 << 20];
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      Socket socket = new Socket(server.getHost(), server.getPort());
      OutputStream out = socket.getOutputStream();
      out.write(
          ("POST /api/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/jpeg\r\n"
                  + "Content-Length: "
                  + photo.length
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.ISO_8859_1));
      out.write(photo, 0, photo.length / 2);
      out.flush();
      sockets.add(socket);
    }
    System.out.printf("half of %d uploads: %s%n", clients, connections());
    long start = System.nanoTime();
    for (Socket socket : sockets) {
      socket.close();
    }
    String now = connections();
    while (System.nanoTime() - start < Duration.ofSeconds(1).toNanos()) {
      Thread.sleep(20);
    }
    System.out.printf("after they left: %s; a second later: %s%n", now, connections());
  }

  private String connections() throws Exception {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("facesearch_connections") || line.contains("held"))
        .collect(Collectors.joining(", "));
  }

  private void measure(String what, Request request) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(clients + 1, ServerLoad::daemon);
    long memory = residentMib();
    long warm = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    long end = warm + Duration.ofSeconds(seconds).toNanos();
    AtomicInteger wrong = new AtomicInteger();
    List<Future<long[]>> running = new ArrayList<>();
    for (int c = 0; c < clients; c++) {
      running.add(pool.submit(() -> client(request, warm, end, wrong)));
    }
    Future<Integer> adding = pool.submit(() -> addUntil(end, wrong));
    long middle = 0;
    while (System.nanoTime() < end) {
      Thread.sleep(200);
      if (middle == 0 && System.nanoTime() > (warm + end) / 2) {
        middle = residentMib();
      }
    }
    long[] nanos = new long[0];
    for (Future<long[]> one : running) {
      nanos = LongStream.concat(Arrays.stream(nanos), Arrays.stream(one.get())).toArray();
    }
    Arrays.sort(nanos);
    System.out.printf(
        Locale.ROOT,
        "by %-6s  %8.1f answers/s  p50 %6.1f ms  p99 %6.1f ms  max %6.1f ms  %d wrong  %d added and"
            + " removed  resident %d, %d, %d MiB%n",
        what,
        nanos.length / (double) seconds,
        nanos[nanos.length / 2] / 1e6,
        nanos[(int) (nanos.length * 0.99)] / 1e6,
        nanos[nanos.length - 1] / 1e6,
        wrong.get(),
        adding.get(),
        memory,
        middle,
        residentMib());
    pool.shutdownNow();
  }

  /** Times of the requests that began after the warm-up. */
  private static long[] client(Request request, long warm, long end, AtomicInteger wrong)
      throws Exception {
    LongStream.Builder nanos = LongStream.builder();
    while (true) {
      long start = System.nanoTime();
      if (start >= end) {
        return nanos.build().toArray();
      }
      HttpResponse<String> answer = request.send();
      if (answer.statusCode() != 200) {
        wrong.incrementAndGet();
      }
      if (start >= warm) {
        nanos.add(System.nanoTime() - start);
      }
    }
  }

  /** Adds a face and removes the one before, so that the gallery stays as it is. */
  private int addUntil(long end, AtomicInteger wrong) throws Exception {
    int added = 0;
    String last = null;
    while (System.nanoTime() < end) {
      HttpResponse<String> answer = photo("/api/faces?person=load", any(photos));
      if (answer.statusCode() == 201) {
        added++;
        if (last != null && delete(last).statusCode() != 204) {
          wrong.incrementAndGet();
        }
        last = answer.headers().firstValue("Location").orElseThrow();
      } else if (answer.statusCode() != 422) { // a photo without a face
        wrong.incrementAndGet();
      }
    }
    if (last != null) {
      delete(last);
    }
    return added;
  }

  private static <T> T any(List<T> list) {
    return list.get(ThreadLocalRandom.current().nextInt(list.size()));
  }

  private HttpResponse<String> photo(String path, byte[] photo) throws Exception {
    return send(
        to(path)
            .header("Content-Type", "image/jpeg")
            .POST(HttpRequest.BodyPublishers.ofByteArray(photo)));
  }

  private HttpResponse<String> search(String json) throws Exception {
    return send(
        to("/api/search")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(to(path).GET());
  }

  private HttpResponse<String> delete(String path) throws Exception {
    return send(to(path).DELETE());
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(server.resolve(path)).timeout(Duration.ofMinutes(1));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  private static JsonObject json(HttpResponse<String> answer) throws IOException {
    if (answer.statusCode() != 200) {
      throw new IOException(
          answer.uri() + " answers " + answer.statusCode() + ": " + answer.body());
    }
    return JsonParser.parseString(answer.body()).getAsJsonObject();
  }

  private long residentMib() throws IOException {
    if (pid == 0) {
      return -1;
    }
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
        .findFirst()
        .orElse(-1);
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "load");
    thread.setDaemon(true);
    return thread;
  }
}
