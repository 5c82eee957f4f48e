package io.facesearch.server;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/** Ways to keep a server from answering others, each until it is told to stop. */
final class Attacks {
  /** One attacker. */
  @FunctionalInterface
  interface Attack {
    void run(Attacks attacks) throws Exception;
  }

  private final int port;
  private final String token;
  private final Set<Closeable> waiting = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;

  /** Attacks a server; a token that is empty is not sent. */
  Attacks(int port, String token) {
    this.port = port;
    this.token = token;
  }

  /** Ends the attack, also where it waits for an answer. */
  void stop() throws IOException {
    stopped = true;
    for (Closeable one : waiting) {
      one.close();
    }
  }

  static Map<String, Attack> all() {
    Map<String, Attack> all = new LinkedHashMap<>();
    all.put(
        "a dear Accept-Language", a -> a.repeat(4, a.get("/", "Accept-Language: " + languages())));
    all.put(
        "blanks for a regular expression",
        a -> a.repeat(4, a.get("/assets/style.css", "If-None-Match: x" + " ".repeat(7000) + "x")));
    all.put(
        "300 slow uploads", a -> a.trickle(300, a.post("/api/search", "image/jpeg", 100_000), "x"));
    all.put("150 large uploads that stall", a -> a.stall(150, 16 << 20));
    all.put("small uploads that stall", a -> a.stall(400, 200_000));
    all.put("21 MiB of JSON numbers", a -> a.repeat(3, a.json(numbers())));
    all.put("deep JSON", a -> a.repeat(3, a.json("{\"first\":".repeat(200_000))));
    all.put("JSON of many fields", a -> a.repeat(3, a.json(fields())));
    all.put(
        "JSON of a long text",
        a ->
            a.repeat(
                2,
                a.json(
                    "{\"first\": {\"photo\": \""
                        + "\\u0041".repeat(3_000_000)
                        + "\"}, \"second\": {}}")));
    all.put("slow headers", a -> a.trickle(700, "GET / HTTP/1.1\r\n", "X: y\r\n"));
    all.put("1,500 connections", a -> a.trickle(1500, "", ""));
    all.put("slow readers", a -> a.unread(300, a.get("/api/openapi.json", "X: y").repeat(40)));
    all.put("pipelined requests", a -> a.stream(4, a.get("/api/health", "X: y").repeat(20)));
    all.put("pictures of 25 megapixels", a -> a.repeat(4, a.photo(png(5000, 5000))));
    all.put("pictures of 4 gigapixels", a -> a.repeat(4, a.photo(png(65_000, 65_000))));
    all.put(
        "guesses",
        a ->
            a.repeat(
                32,
                "GET /api/info HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer 0\r\n\r\n"));
    all.put("300 streams of events", a -> a.unread(300, a.get("/api/events", "X: y")));
    all.put("tiny chunks", a -> a.stream(20, a.chunkedHead(), "1\r\nx\r\n".repeat(1000)));
    all.put(
        "lists", a -> a.repeat(8, a.get("/api/people?limit=1000&q=" + "p".repeat(100), "X: y")));
    all.put(
        "chunks of one length, then nothing",
        a -> a.trickle(200, a.chunkedHead() + "ffff\r\nx", ""));
    return all;
  }

  // What is sent

  private String head(String first) {
    return first
        + " HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        + (token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n");
  }

  private String get(String path, String header) {
    return head("GET " + path) + header + "\r\n\r\n";
  }

  private String post(String path, String type, long length) {
    return head("POST " + path)
        + "Content-Type: "
        + type
        + "\r\nContent-Length: "
        + length
        + "\r\n\r\n";
  }

  private String chunkedHead() {
    return head("POST /api/search")
        + "Content-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\n\r\n";
  }

  private String json(String body) {
    return post("/api/verify", "application/json", body.length()) + body;
  }

  private String photo(byte[] photo) {
    return post("/api/search", "image/png", photo.length)
        + new String(photo, StandardCharsets.ISO_8859_1);
  }

  /** Java makes regular expressions of its parts, as many as there are, and as long. */
  private static String languages() {
    return "x" + "-*".repeat(3600) + "-y";
  }

  private static String numbers() {
    return "{\"first\": {\"vector\": [" + "1,".repeat(10_900_000) + "1]}, \"second\": {}}";
  }

  private static String fields() {
    StringBuilder text = new StringBuilder("{\"first\": {");
    for (int i = 0; i < 1_000_000; i++) {
      text.append("\"f").append(i).append("\":1,");
    }
    return text + "\"x\":1}}";
  }

  /** A small file of a black picture. */
  static byte[] png(int width, int height) throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    png.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    byte[] header =
        ByteBuffer.allocate(13)
            .putInt(width)
            .putInt(height)
            .put(new byte[] {8, 0, 0, 0, 0})
            .array();
    chunk(png, "IHDR", header);
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(data)) {
      byte[] row = new byte[width + 1];
      for (int y = 0; y < Math.min(height, 5000); y++) {
        deflater.write(row);
      }
    }
    chunk(png, "IDAT", data.toByteArray());
    chunk(png, "IEND", new byte[0]);
    return png.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream png, String type, byte[] data) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    png.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
    png.writeBytes(name);
    png.writeBytes(data);
    png.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }

  // How it is sent

  private SocketChannel open() throws IOException {
    return SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  private void each(int clients, Attack client) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int c = 0; c < clients; c++) {
      Thread thread =
          new Thread(
              () -> {
                while (!stopped) {
                  try {
                    client.run(this);
                  } catch (Exception e) {
                    pause(50); // refused: once more
                  }
                }
              });
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Clients that each send it, read the answer, and send it again on a new connection. */
  private void repeat(int clients, String request) throws InterruptedException {
    byte[] bytes = request.getBytes(StandardCharsets.ISO_8859_1);
    each(
        clients,
        a -> {
          try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            waiting.add(socket);
            try {
              socket.setSoTimeout(2000);
              if (!stopped) {
                socket.getOutputStream().write(bytes);
                InputStream in = socket.getInputStream();
                in.read(new byte[8192]);
              }
            } finally {
              waiting.remove(socket);
            }
          }
        });
  }

  /** Clients that send without end, and read what comes. */
  private void stream(int clients, String once, String again) throws InterruptedException {
    byte[] bytes = again.getBytes(StandardCharsets.ISO_8859_1);
    each(
        clients,
        a -> {
          try (SocketChannel channel = open()) {
            channel.write(ByteBuffer.wrap(once.getBytes(StandardCharsets.ISO_8859_1)));
            channel.configureBlocking(false);
            ByteBuffer in = ByteBuffer.allocate(1 << 16);
            while (!stopped) {
              ByteBuffer out = ByteBuffer.wrap(bytes);
              while (out.hasRemaining() && !stopped) {
                int moved = channel.write(out);
                int read = channel.read(in.clear());
                if (read < 0) {
                  return;
                }
                if (moved == 0 && read == 0) {
                  pause(1);
                }
              }
            }
          }
        });
  }

  private void stream(int clients, String again) throws InterruptedException {
    stream(clients, "", again);
  }

  /** Connections that begin, then send a little every now and then; closed ones are opened anew. */
  private void trickle(int connections, String begin, String drop) throws InterruptedException {
    hold(
        connections,
        begin.getBytes(StandardCharsets.ISO_8859_1),
        drop.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Uploads that send all but the last byte. */
  private void stall(int connections, int size) throws InterruptedException {
    byte[] head = post("/api/search", "image/jpeg", size).getBytes(StandardCharsets.ISO_8859_1);
    byte[] all = new byte[head.length + size - 1];
    System.arraycopy(head, 0, all, 0, head.length);
    hold(connections, all, new byte[0]);
  }

  /** Requests whose answers nobody reads. */
  private void unread(int connections, String requests) throws InterruptedException {
    hold(connections, requests.getBytes(StandardCharsets.ISO_8859_1), new byte[0]);
  }

  private static final class Held {
    SocketChannel channel;
    ByteBuffer out;
  }

  private void hold(int connections, byte[] begin, byte[] drop) throws InterruptedException {
    List<Held> all = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      all.add(new Held());
    }
    while (!stopped) {
      for (Held one : all) {
        if (stopped) {
          break;
        }
        try {
          if (one.channel == null) {
            one.channel = open();
            one.channel.configureBlocking(false);
            one.out = ByteBuffer.wrap(begin);
          }
          if (one.out.hasRemaining()) {
            one.channel.write(one.out);
          } else if (drop.length > 0 && ThreadLocalRandom.current().nextInt(10) == 0) {
            one.channel.write(ByteBuffer.wrap(drop));
          } else if (drop.length == 0 && begin.length > 4096 && !isUnread(begin)) {
            ByteBuffer in = ByteBuffer.allocate(512);
            if (one.channel.read(in) < 0) {
              throw new IOException("closed");
            }
          }
        } catch (IOException e) {
          close(one);
        }
      }
      pause(20);
    }
    all.forEach(Attacks::close);
  }

  private static boolean isUnread(byte[] begin) {
    return begin[0] == 'G';
  }

  private static void close(Held one) {
    try {
      if (one.channel != null) {
        one.channel.close();
      }
    } catch (IOException e) {
      // It is gone.
    }
    one.channel = null;
  }
}
