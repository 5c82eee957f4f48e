package com.example.boot;

import io.facesearch.FaceImage;
import io.facesearch.Gallery;
import io.facesearch.ImageFormatException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** A gallery as a bean, with its health and its metrics. */
@SpringBootApplication
public class FaceService {

  /** One for the application: it is thread-safe. Spring closes it after the last request. */
  @Bean(destroyMethod = "close")
  Gallery gallery(@Value("${faces.folder}") Path folder) throws IOException {
    return Gallery.open(folder);
  }

  /** {@code /actuator/health/gallery}: numbers, and nothing of a person. */
  @Bean
  HealthIndicator galleryHealthIndicator(Gallery gallery) {
    return () -> Health.up().withDetail("faces", gallery.size()).build();
  }

  /** Who is it? */
  @RestController
  static class Who {
    private final Gallery gallery;
    private final Timer timer;

    Who(Gallery gallery, MeterRegistry metrics) {
      this.gallery = gallery;
      timer = metrics.timer("faces.identify");
      Gauge.builder("faces.stored", gallery, Gallery::size).register(metrics);
    }

    record Face(int x, int y, String person) {}

    @PostMapping("/who")
    List<Face> who(@RequestBody byte[] photo) throws Exception {
      FaceImage image = FaceImage.read(new ByteArrayInputStream(photo));
      return timer.recordCallable(
          () ->
              gallery.identify(image).stream()
                  .map(
                      face ->
                          new Face(
                              (int) face.box().x(),
                              (int) face.box().y(),
                              face.person().orElse(null)))
                  .toList());
    }

    @ExceptionHandler
    ProblemDetail notAPhoto(ImageFormatException e) {
      return ProblemDetail.forStatusAndDetail(HttpStatus.UNPROCESSABLE_CONTENT, e.getMessage());
    }
  }
}
