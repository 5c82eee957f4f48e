package io.facesearch.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.http.HttpCookie;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may ask. Thread-safe.
 *
 * <ul>
 *   <li>The {@code Host} header must be a name of this server, or a foreign page could reach it by
 *       DNS rebinding.
 *   <li>What a browser sends for a page of another origin is refused, by {@code Sec-Fetch-Site} and
 *       {@code Origin}. There is no CORS.
 *   <li>With a token, every request for data needs it, or the one that may only search: as a bearer
 *       token, or as the cookie that a browser gets for it.
 * </ul>
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6750">RFC 6750, bearer tokens</a>
 */
final class Guard {
  /** What a request may do, by the token that it brings; the later ones all of the former. */
  enum Right {
    NONE,
    SEARCH,
    CHANGE
  }

  static final String COOKIE = "facesearch_session";
  static final int MIN_TOKEN = 16;

  private static final String TOKEN_NEEDED = "token_needed";
  private static final int MAX_HOST = 255;

  private final Set<String> hosts = new HashSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));
  private final boolean anyAddress;

  /** Empty if everybody may do everything. */
  private final Map<Right, String> tokens = new EnumMap<>(Right.class);

  /** What browsers get for a token. */
  private final Map<Right, String> sessions = new EnumMap<>(Right.class);

  private final Guesses guesses = new Guesses();

  /**
   * Makes the guard.
   *
   * @param host that is listened on
   * @param more further names of this server
   * @param token what clients must know; must be there unless host is a loopback address
   * @param searchToken what clients must know that may search, and change nothing
   */
  Guard(String host, List<String> more, @Nullable String token, @Nullable String searchToken) {
    InetAddress address;
    try {
      address = InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("no address is known for the host " + host, e);
    }
    if (!address.isLoopbackAddress() && token == null) {
      throw new IllegalArgumentException(
          "listening on "
              + host
              + ", beyond this machine, needs a token: everybody in the network could see and"
              + " change the gallery; give --token, or leave --host out");
    }
    if (searchToken != null) {
      if (token == null) {
        throw new IllegalArgumentException(
            "a token that may only search protects nothing while everybody may change the gallery;"
                + " give --token, too");
      }
      if (searchToken.equals(token)) {
        throw new IllegalArgumentException(
            "the token that may only search must differ from the one that may change the gallery");
      }
      keep(Right.SEARCH, searchToken);
    }
    if (token != null) {
      keep(Right.CHANGE, token);
    }
    hosts.add(hostName(host.contains(":") ? "[" + host + "]" : host));
    more.forEach(name -> hosts.add(hostName(name)));
    anyAddress = address.isAnyLocalAddress();
  }

  private void keep(Right right, String token) {
    if (token.length() < MIN_TOKEN) {
      throw new IllegalArgumentException(
          "a token must have at least " + MIN_TOKEN + " characters, but has " + token.length());
    }
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    tokens.put(right, token);
    sessions.put(right, HexFormat.of().formatHex(random));
  }

  /** Fails unless the request is for a name of this server. */
  void checkHost(Request request) {
    HttpFields headers = request.getHeaders();
    String host = headers.get(HttpHeader.HOST);
    String target = request.getHttpURI().getHost();
    boolean ours =
        headers.getValuesList(HttpHeader.HOST).size() == 1
            && host.length() <= MAX_HOST
            && isOurs(hostName(host))
            && (target == null || isOurs(hostName(target)));
    if (!ours) {
      throw new Problem(
          421,
          "wrong_host",
          "this server is not known as \""
              + (host == null ? "" : Exchange.printable(host))
              + "\"; use the address it was started with, or start it with --allow-host");
    }
  }

  private boolean isOurs(String name) {
    // A name can be rebound to another address, an address cannot.
    return hosts.contains(name)
        || (anyAddress
            && name.length() <= 64
            && (name.startsWith("[") || name.chars().allMatch(c -> c == '.' || isDigit(c))));
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  /** Fails if the request is made by a page of another origin. */
  void checkOrigin(Request request) {
    HttpFields headers = request.getHeaders();
    String site = headers.get("Sec-Fetch-Site");
    boolean read = Set.of("GET", "HEAD").contains(request.getMethod());
    if (site != null) {
      boolean fine = site.equals("same-origin") || site.equals("none");
      // A link on another page may lead to a document here; that page cannot read it.
      if (!fine && !(read && "navigate".equals(headers.get("Sec-Fetch-Mode")))) {
        throw foreign();
      }
      return;
    }
    String origin = headers.get(HttpHeader.ORIGIN);
    if (origin != null && !headers.get(HttpHeader.HOST).equalsIgnoreCase(authority(origin))) {
      throw foreign();
    }
  }

  private static @Nullable String authority(String origin) {
    try {
      return URI.create(origin).getRawAuthority();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static Problem foreign() {
    return new Problem(
        403, "foreign_origin", "requests from pages of other origins are not answered");
  }

  /**
   * What the token of a request allows. Fails unless it brings one of this server; the time it
   * takes tells not how much is right.
   */
  Right right(Request request) {
    if (tokens.isEmpty()) {
      return Right.CHANGE;
    }
    List<String> given = request.getHeaders().getValuesList(HttpHeader.AUTHORIZATION);
    if (given.size() > 1) {
      // Each would be a guess, and all together would be counted and held back as one.
      throw Problem.badRequest("the header field Authorization is given more than once");
    }
    for (HttpCookie cookie : cookies(request)) {
      // Not counted as a guess: of a server that was started anew, browsers have an old one, and
      // nobody guesses 256 bits.
      if (cookie.getName().equals(COOKIE)) {
        Right right = find(sessions, cookie.getValue());
        if (right != Right.NONE) {
          return right;
        }
      }
    }
    if (given.isEmpty()) {
      throw new Problem(
          401, TOKEN_NEEDED, "this server needs its token: Authorization: Bearer TOKEN");
    }
    String header = given.get(0);
    return compare(
        request,
        header.regionMatches(true, 0, "Bearer ", 0, 7) ? header.substring(7).strip() : "",
        TOKEN_NEEDED,
        "this is not the token of this server, which is sent as Authorization: Bearer TOKEN");
  }

  private Right compare(Request request, String given, String code, String detail) {
    Guesses.Guess guess =
        guesses.begin(
            request.getConnectionMetaData().getRemoteSocketAddress()
                    instanceof InetSocketAddress socket
                ? socket.getAddress()
                : null);
    if (guess == null) {
      throw tooMany("from your address");
    }
    Right right = find(tokens, given);
    if (right == Right.NONE) {
      throw new WrongToken(code, detail, guess);
    }
    guess.right();
    return right;
  }

  /** Compares with all, in a time that tells nothing of how much is right. */
  private static Right find(Map<Right, String> secrets, String given) {
    byte[] hash = sha256(given);
    Right found = Right.NONE;
    for (Map.Entry<Right, String> secret : secrets.entrySet()) {
      if (MessageDigest.isEqual(hash, sha256(secret.getValue()))) {
        found = secret.getKey();
      }
    }
    return found;
  }

  /** Too many tokens are tried. */
  static Problem tooMany(String where) {
    return new Problem(
            429,
            "too_many_guesses",
            "too many wrong tokens are being tried " + where + "; wait, and check the token")
        .with("Connection", "close");
  }

  private static List<HttpCookie> cookies(Request request) {
    try {
      return Request.getCookies(request);
    } catch (RuntimeException e) {
      return List.of(); // malformed
    }
  }

  /** Gives a browser, whose images cannot carry a token, a cookie for it. */
  String logIn(Request request, String given) {
    String session = "";
    if (!tokens.isEmpty()) {
      Right right = compare(request, given, "wrong_token", "this is not the token of this server");
      session = sessions.get(right);
    }
    return COOKIE + "=" + session + "; Path=/; HttpOnly; SameSite=Strict";
  }

  private static byte[] sha256(String text) {
    return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The name without a port, in lower case. */
  private static String hostName(String host) {
    int colon = host.lastIndexOf(':');
    boolean port = colon > 0 && host.substring(colon + 1).chars().allMatch(Guard::isDigit);
    boolean whole =
        host.startsWith("[") ? host.indexOf(']') == colon - 1 : host.indexOf(':') == colon;
    return (port && whole ? host.substring(0, colon) : host).toLowerCase(Locale.ROOT);
  }
}
