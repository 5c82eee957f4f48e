package com.example.boot;

import io.facesearch.Gallery;
import io.facesearch.PhotoSource;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts the application on a free port, asks it who is in a photo, and stops it. */
public class TryIt {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  /** The folder of photos to index, and the photo. */
  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("faces");
    try (ConfigurableApplicationContext application =
        SpringApplication.run(
            FaceService.class, "--server.port=0", "--faces.folder=" + folder.resolve("gallery"))) {
      application.getBean(Gallery.class).addAll(PhotoSource.folder(Path.of(args[0])));
      String url =
          "http://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port");
      System.out.println(ask(url + "/who", Files.readAllBytes(Path.of(args[1]))));
      System.out.println(ask(url + "/who", new byte[] {1, 2, 3}));
      System.out.println(ask(url + "/actuator/health/gallery", null));
      System.out.println(ask(url + "/actuator/metrics/faces.identify", null));
      System.out.println(ask(url + "/actuator/metrics/faces.stored", null));
    }
    try (Gallery again = Gallery.open(folder.resolve("gallery"))) { // it was closed in order
      System.out.println("stopped with " + again.size() + " faces");
    }
  }

  private static String ask(String url, byte[] photo) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
    if (photo != null) {
      request.header("Content-Type", "image/jpeg").POST(BodyPublishers.ofByteArray(photo));
    }
    var response = CLIENT.send(request.build(), BodyHandlers.ofString());
    return response.statusCode() + " " + response.body();
  }
}
