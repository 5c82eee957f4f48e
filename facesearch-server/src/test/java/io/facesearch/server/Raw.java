package io.facesearch.server;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.TreeMap;

/** A connection that sends what no well-behaved client would. */
final class Raw implements AutoCloseable {
  /** An answer as it came. */
  record Answer(int status, TreeMap<String, String> headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  final Socket socket;

  Raw(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(60_000);
    socket.setTcpNoDelay(true);
  }

  Raw send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  Raw send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /** One answer to anything but HEAD; the connection may go on. */
  Answer answer() throws IOException {
    return answer(false);
  }

  Answer answer(boolean head) throws IOException {
    InputStream in = socket.getInputStream();
    String first = line(in);
    TreeMap<String, String> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int status = Integer.parseInt(first.split(" ", 3)[1]);
    if (status == 100) {
      return answer(head);
    }
    byte[] body = {};
    if (!head && status != 204 && status != 304) {
      String length = headers.get("content-length");
      body = length == null ? in.readAllBytes() : in.readNBytes(Integer.parseInt(length));
    }
    return new Answer(status, headers, body);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b; (b = in.read()) != '\n'; ) {
      if (b < 0) {
        throw new EOFException("the connection was closed after \"" + line + "\"");
      }
      line.write(b);
    }
    return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
  }

  /** Sends one request on a connection of its own. */
  static Answer once(int port, String head, byte[] body) throws IOException {
    try (Raw raw = new Raw(port)) {
      raw.send(head + "Connection: close\r\n\r\n").send(body);
      return raw.answer(head.startsWith("HEAD "));
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
