package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.facesearch.EmbeddedFace;
import io.facesearch.FaceRecord;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which faces are asked for, over REST: by person, folder, tags, day and quality. */
class FiltersTest {
  private static final int PEOPLE = 3;

  @TempDir private static Path folder;
  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    server =
        TestServer.start(
            folder,
            PEOPLE,
            builder -> {
              DatedPhotos.date(folder.resolve("gallery-" + folder.getFileName()));
              return builder;
            });
    server.awaitIndexing();
    EmbeddedFace any = server.index.faces().get(0);
    server.index.add(
        new EmbeddedFace(
            FaceRecord.of("own").withTag("camera", "front door").withTag("floor", 3),
            any.embedding()));
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static int faces(String query) throws Exception {
    return server.get("/api/faces?" + query).is(200, "Faces").get("total").getAsInt();
  }

  private static JsonObject facets(String query) throws Exception {
    return server.get("/api/facets?" + query).is(200, "Facets");
  }

  private static Map<String, Integer> counts(JsonElement list) {
    Map<String, Integer> counts = new TreeMap<>();
    for (JsonElement one : list.getAsJsonArray()) {
      JsonObject count = one.getAsJsonObject();
      counts.put(count.get("name").getAsString(), count.get("faces").getAsInt());
    }
    return counts;
  }

  @Test
  void facesAreAskedForByEachAndByAll() throws Exception {
    assertThat(faces("limit=1")).isEqualTo(13);
    assertThat(faces("takenFrom=2021-01-01&takenTo=2021-12-31")).isEqualTo(3);
    assertThat(faces("takenFrom=2022-06-15")).as("the first day is included").isEqualTo(6);
    assertThat(faces("takenFrom=2022-06-16")).isEqualTo(3);
    assertThat(faces("takenTo=2022-06-15")).as("and the last").isEqualTo(6);
    assertThat(faces("folder=person_02")).isEqualTo(4);
    assertThat(faces("folder=person_0")).as("a part of a name is no folder").isZero();
    assertThat(faces("tag=camera=front%20door")).isEqualTo(1);
    assertThat(faces("tag=floor=3")).as("a number").isEqualTo(1);
    assertThat(faces("tag=floor=3&tag=camera=back")).as("all tags").isZero();
    assertThat(faces("quality=0")).as("those of photos").isEqualTo(12);
    assertThat(faces("quality=1")).isZero();
    assertThat(faces("person=person_03&takenTo=2021-12-31&folder=person_03")).isEqualTo(1);
    assertThat(faces("person=person_03&folder=person_02")).isZero();
  }

  @Test
  void searchesObeyTheSameFilters() throws Exception {
    String filters = "k=40&takenFrom=2021-01-01&takenTo=2021-12-31&quality=0.1";
    JsonObject byPhoto =
        server.photo("/api/search?" + filters, TestServer.query(2)).is(200, "PhotoSearch");
    assertThat(TestServer.people(byPhoto))
        .containsExactlyInAnyOrder("person_01", "person_02", "person_03");
    assertThat(TestServer.personOfFirst(byPhoto)).isEqualTo("person_02");
    String key =
        server
            .get("/api/faces?folder=person_01&takenFrom=2023-01-01")
            .is(200, "Faces")
            .getAsJsonArray("faces")
            .get(0)
            .getAsJsonObject()
            .get("id")
            .getAsString();
    JsonObject byFace =
        server
            .json(
                "/api/search",
                "{\"face\": \""
                    + key
                    + "\", \"takenTo\": \"2022-12-31\", \"quality\": 0, \"folder\": \"person_03\"}")
            .is(200, "VectorSearch");
    assertThat(TestServer.people(byFace)).containsExactly("person_03", "person_03");
    JsonObject byTags =
        server
            .json("/api/search", "{\"face\": \"" + key + "\", \"tag\": [\"floor=3\"]}")
            .is(200, "VectorSearch");
    assertThat(TestServer.people(byTags)).containsExactly("");
  }

  @Test
  void aFiltersOwnChoiceDoesNotNarrowWhatItOffers() throws Exception {
    JsonObject all = facets("");
    assertThat(all.get("faces").getAsInt()).isEqualTo(13);
    assertThat(all.get("people").getAsInt()).isEqualTo(3);
    assertThat(counts(all.get("folders")))
        .isEqualTo(Map.of("person_01", 4, "person_02", 4, "person_03", 4));
    JsonObject taken = all.getAsJsonObject("taken");
    assertThat(taken.get("first").getAsString()).isEqualTo("2021-06-15");
    assertThat(taken.get("last").getAsString()).isEqualTo("2023-06-15");
    assertThat(taken.get("faces").getAsInt()).isEqualTo(9);
    assertThat(counts(taken.get("years"))).isEqualTo(Map.of("2021", 3, "2022", 3, "2023", 3));
    JsonArray quality = all.getAsJsonArray("quality");
    assertThat(quality.get(0).getAsInt()).isEqualTo(12);
    assertThat(quality.get(10).getAsInt()).isZero();
    JsonArray tags = all.getAsJsonArray("tags");
    assertThat(tags).as("the gallery's own are none of them").hasSize(2);
    assertThat(counts(tags.get(0).getAsJsonObject().get("values")))
        .isEqualTo(Map.of("front door", 1));

    JsonObject some = facets("folder=person_02&takenTo=2021-12-31");
    assertThat(some.get("faces").getAsInt()).isEqualTo(1);
    assertThat(counts(some.get("folders")))
        .as("of that year in each folder")
        .isEqualTo(Map.of("person_01", 1, "person_02", 1, "person_03", 1));
    assertThat(counts(some.getAsJsonObject("taken").get("years")))
        .as("of that folder in each year")
        .isEqualTo(Map.of("2021", 1, "2022", 1, "2023", 1));
    assertThat(some.getAsJsonArray("quality").get(0).getAsInt()).isEqualTo(1);
  }

  @Test
  void whatIsAddedTellsItsDay() throws Exception {
    byte[] photo = DatedPhotos.taken(TestServer.query(9), "2019:01:02");
    JsonObject face =
        server.photo("/api/faces?person=Zoe", photo).is(201, "Added").getAsJsonObject("face");
    assertThat(faces("takenTo=2019-12-31")).isEqualTo(1);
    assertThat(face.getAsJsonObject("tags").get("facesearch.taken").getAsInt()).isEqualTo(20190102);
    server.delete("/api/faces/" + face.get("id").getAsString());
  }

  private static String vector() {
    return Arrays.toString(server.index.faces().get(0).embedding().toArray());
  }

  /** A gallery writes a percent sign that looks like an escape as %25. */
  @Test
  void foldersAreCalledAsTheyAreOrAsTheyAreShown() throws Exception {
    EmbeddedFace any = server.index.faces().get(0);
    String root = any.face().source().orElseThrow();
    root = root.substring(0, root.indexOf('/'));
    FaceRecord record =
        new FaceRecord("percent", null, root + "/50%2541 off/a.jpg", null, Map.of());
    server.opened.addFaces(List.of(new EmbeddedFace(record, any.embedding())));
    try {
      assertThat(counts(facets("").get("folders"))).containsEntry("50%2541 off", 1);
      assertThat(faces("folder=50%2525%34%31%20off")).as("as it is shown").isEqualTo(1);
      assertThat(faces("folder=50%2541%20off")).as("as it is called").isEqualTo(1);
      assertThat(faces("folder=50A%20off")).isZero();
    } finally {
      server.opened.remove("percent");
    }
  }

  /** Clocks that were never set do not stretch the days to choose from. */
  @Test
  void aDayToComeIsNone() throws Exception {
    byte[] photo = DatedPhotos.taken(TestServer.query(9), "9999:12:31");
    JsonObject face =
        server.photo("/api/faces?person=Zoe", photo).is(201, "Added").getAsJsonObject("face");
    assertThat(face.getAsJsonObject("tags").has("facesearch.taken")).isFalse();
    server.delete("/api/faces/" + face.get("id").getAsString());
    // Galleries of an older release may have it.
    EmbeddedFace any = server.index.faces().get(0);
    server.opened.addFaces(
        List.of(
            new EmbeddedFace(
                FaceRecord.of("future").withTag("facesearch.taken", 99991231), any.embedding())));
    try {
      JsonObject taken = facets("").getAsJsonObject("taken");
      assertThat(taken.get("last").getAsString()).isEqualTo("2023-06-15");
      assertThat(counts(taken.get("years"))).doesNotContainKey("9999");
    } finally {
      server.opened.remove("future");
    }
  }

  @Test
  void whatIsNoFilterIsSaid() throws Exception {
    for (String wrong :
        new String[] {
          "takenFrom=2021",
          "takenFrom=2021-02-30",
          "takenFrom=2022-01-01&takenTo=2021-01-01",
          "quality=2",
          "quality=NaN",
          "quality=much",
          "folder=",
          "person=",
          "tag=camera",
          "tag==x",
          "person=a&person=b",
          "tag=a=1" + "&tag=a=1".repeat(10)
        }) {
      server.get("/api/faces?" + wrong).isProblem(400, "bad_request");
    }
    server.json("/api/search", "{\"tag\": \"a=b\"}").isProblem(400, "bad_request");
    for (String empty : new String[] {"person", "folder"}) {
      server
          .json("/api/search", "{\"face\": \"x\", \"" + empty + "\": \"\"}")
          .isProblem(404, "unknown_face"); // which is looked up first
      server
          .json("/api/search", "{\"vector\": " + vector() + ", \"" + empty + "\": \"\"}")
          .isProblem(400, "bad_request");
    }
  }

  @Test
  void parametersThatAreNotKnownAreRefusedByName() throws Exception {
    for (String path : new String[] {"/api/faces?taken=2021", "/api/info?taken=2021"}) {
      TestServer.Answer answer = server.get(path);
      answer.isProblem(400, "bad_request");
      assertThat(answer.json().get("detail").getAsString()).contains("no parameter \"taken\"");
    }
    assertThat(server.get("/api/people?page=2").json().get("detail").getAsString())
        .contains("known: [limit, offset, q]");
    server.photo("/api/search?pesron=Ann", TestServer.query(1)).isProblem(400, "bad_request");
    assertThat(server.get("/?gallery=x&from=elsewhere").status()).as("a link").isEqualTo(200);
  }

  @Test
  void routesTakeWhatIsDescribed() throws Exception {
    for (Route route : server.routes()) {
      if (route.access() != Route.Access.PAGE) {
        assertThat(Schemas.parameters(route.method(), route.path()))
            .as(route.method() + " " + route.path())
            .isEqualTo(new TreeSet<>(route.parameters()));
      }
    }
  }
}
