package io.facesearch.server;

import io.facesearch.server.Route.Access;
import io.facesearch.server.Route.Body;
import io.facesearch.server.Workers.Lane;
import java.util.List;

/** What a server answers beside what it answers of its galleries. Stateless. */
final class ServerRoutes {
  private ServerRoutes() {}

  /** What is answered whatever the galleries. */
  static List<Route> of(ServerApi about, Samples samples, Page page, byte[] openApi) {
    return List.of(
        new Route("GET", "/api/galleries", Access.SEARCH, Body.NONE, Lane.QUERY, about::galleries),
        new Route("GET", "/api/health", Access.OPEN, Body.NONE, Lane.NOW, about::health),
        new Route("GET", "/api/ready", Access.OPEN, Body.NONE, Lane.READY, about::ready),
        new Route("POST", "/api/session", Access.OPEN, Body.JSON, Lane.NOW, about::session),
        new Route(
            "GET",
            "/api/openapi.json",
            Access.OPEN,
            Body.NONE,
            Lane.NOW,
            x -> x.result("application/json", openApi)),
        new Route(
            "GET",
            "/api/samples/{name}",
            Access.SEARCH,
            Body.NONE,
            Lane.NOW,
            x -> samples.send(x, x.pathParam("name"))),
        new Route("GET", "/metrics", Access.SEARCH, Body.NONE, Lane.QUERY, about::metrics),
        new Route("GET", "/", Access.PAGE, Body.NONE, Lane.NOW, page::index),
        new Route(
            "GET",
            "/assets/{name}",
            Access.PAGE,
            Body.NONE,
            Lane.NOW,
            x -> page.asset(x, x.pathParam("name"))),
        new Route(
            "GET",
            "/assets/messages/{name}",
            Access.PAGE,
            Body.NONE,
            Lane.NOW,
            x -> page.asset(x, "messages/" + x.pathParam("name"))));
  }
}
