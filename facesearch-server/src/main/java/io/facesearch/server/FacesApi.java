package io.facesearch.server;

import io.facesearch.CropLeftException;
import io.facesearch.EmbeddedFace;
import io.facesearch.FaceFilter;
import io.facesearch.FaceImage;
import io.facesearch.FaceInfo;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import io.facesearch.PhotoTags;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The part of the REST interface that lists, shows, adds and removes faces. Thread-safe. */
final class FacesApi {
  /** The longer side of a whole photo that is shown, pixels. */
  private static final int PICTURE_SIDE = 1600;

  private final ServedGallery served;
  private final Gallery gallery;
  private final Uploads uploads;
  private final Thumbnails thumbnails;
  private final FaceKeys keys;
  private final ServedFaces faces;
  private final PeopleApi people;
  private final Clock clock;

  /** What paths of the gallery begin with. */
  private final String base;

  FacesApi(
      ServedGallery served,
      Uploads uploads,
      Thumbnails thumbnails,
      FaceKeys keys,
      ServedFaces faces,
      PeopleApi people,
      Clock clock,
      String base) {
    this.base = base;
    this.people = people;
    this.clock = clock;
    this.served = served;
    gallery = served.gallery();
    this.uploads = uploads;
    this.thumbnails = thumbnails;
    this.keys = keys;
    this.faces = faces;
  }

  void list(Exchange exchange) {
    Requests.Part part = Requests.part(exchange);
    FaceFilter filter = Filters.of(exchange, gallery).filter();
    List<FaceRecord> wanted = new ArrayList<>();
    int total = 0;
    for (EmbeddedFace face : gallery.faces()) {
      if (filter.matches(face.face())) {
        if (total >= part.offset() && wanted.size() < part.limit()) {
          wanted.add(face.face());
        }
        total++;
      }
    }
    exchange.json(new Answers.Faces(total, wanted.stream().map(faces::shown).toList()));
  }

  void one(Exchange exchange) {
    exchange.json(faces.shown(require(exchange).face()));
  }

  void thumbnail(Exchange exchange) throws IOException {
    FaceRecord face = require(exchange).face();
    Optional<byte[]> jpeg = thumbnails.cached(face.id());
    if (jpeg.isEmpty()) {
      jpeg = thumbnails.make(face, exchange.heavy());
      if (gallery.get(face.id()).isEmpty()) {
        thumbnails.drop(face.id()); // forgotten meanwhile
        throw ServedFaces.unknown();
      }
    }
    // Not even for a while on disk: a person may be forgotten.
    exchange
        .header("Cache-Control", "private, no-store")
        .result("image/jpeg", jpeg.orElseThrow(FacesApi::noPhoto));
  }

  private static Problem noPhoto() {
    return new Problem(
        404,
        "no_photo",
        "the photo of this face is not inside the folder of photos; start the server with --photos"
            + " FOLDER to show it");
  }

  /** The whole photo of a face, at most so large as a screen. */
  void picture(Exchange exchange) throws IOException {
    FaceRecord face = require(exchange).face();
    FaceImage photo = thumbnails.photoOf(face, exchange.heavy()).orElseThrow(FacesApi::noPhoto);
    byte[] jpeg = Pictures.jpeg(Pictures.shrinkLonger(photo.toBufferedImage(), PICTURE_SIDE));
    if (gallery.get(face.id()).isEmpty()) {
      throw ServedFaces.unknown(); // forgotten meanwhile
    }
    exchange
        .header("Cache-Control", "private, no-store")
        .header("Photo-Size", photo.width() + "x" + photo.height())
        .result("image/jpeg", jpeg);
  }

  void photoFaces(Exchange exchange) {
    FaceRecord face = require(exchange).face();
    exchange.json(
        new Answers.PhotoOf(
            gallery.inPhotoOf(face).stream()
                .limit(Limits.MAX_FACES)
                .map(
                    one ->
                        new Answers.PhotoFace(
                            faces.shown(one), one.box().map(Answers.Box::of).orElse(null)))
                .toList()));
  }

  void add(Exchange exchange) throws IOException {
    served.requireWritable();
    Optional<String> person = Requests.name(exchange.queryParam("person"));
    Optional<Integer> number = Requests.faceNumber(exchange);
    PhotoFaces photo = uploads.photo(exchange, false, number.orElse(null));
    if (photo.faces().isEmpty()) {
      throw new Problem(
          422, "no_face", "no face was found in the photo, so there is nothing to add");
    }
    FaceInfo info =
        person
            .map(FaceInfo::person)
            .orElse(FaceInfo.nothing())
            .tag(Retention.ADDED, Retention.now(clock));
    info = PhotoTags.taken(exchange.body()).map(info::taken).orElse(info);
    FaceRecord face =
        gallery.addFace(photo.photo(), photo.analyzed(number.orElse(photo.largest())), info);
    exchange.status(201).header("Location", base + "/faces/" + keys.keyOf(face.id()));
    exchange.json(new Answers.Added(faces.shown(face), gallery.size()));
  }

  void delete(Exchange exchange) {
    served.requireWritable();
    String id = keys.idOf(exchange.pathParam("id"));
    try {
      if (id.isEmpty() || !gallery.remove(id)) {
        throw ServedFaces.unknown();
      }
    } catch (CropLeftException e) {
      PeopleApi.warn(1);
      throw new Problem(
          500,
          "photo_left",
          "the face is removed, but its photo could not be deleted; the next 'serve' or 'forget'"
              + " on the store tries again, and 'forget' tells where it lies");
    } finally {
      thumbnails.drop(id);
    }
    exchange.status(204);
  }

  /** Removes a face whose time is over. */
  void retire(String id) {
    try {
      gallery.remove(id);
    } finally {
      thumbnails.drop(id);
      people.dropUndo();
    }
  }

  private EmbeddedFace require(Exchange exchange) {
    return faces.require(exchange.pathParam("id"));
  }
}
