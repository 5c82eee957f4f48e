package io.facesearch.server;

/**
 * Says of each type of body whether it is taken, and what to send instead of those that are not.
 */
final class BodyTypes {
  private static final String HOW = "curl -H 'Content-Type: image/jpeg' --data-binary @photo.jpg";

  private BodyTypes() {}

  /** Fails unless a body of that type, which is empty if none is given, fits the route. */
  static void check(String type, Route.Body body) {
    boolean json = type.equals("application/json");
    // Without a type it may be anything, by RFC 9110: whether it is a photo will be seen.
    boolean photo =
        type.isEmpty() || type.startsWith("image/") || type.equals("application/octet-stream");
    boolean fits =
        switch (body) {
          case NONE -> true;
          case JSON, JSON_WITH_PHOTOS -> json;
          case PHOTO -> photo;
          case PHOTO_OR_JSON -> photo || json;
        };
    if (fits) {
      return;
    }
    String wanted =
        switch (body) {
          case JSON, JSON_WITH_PHOTOS -> "application/json";
          case PHOTO_OR_JSON -> "a photo, such as image/jpeg, or application/json";
          default -> "a photo, such as image/jpeg";
        };
    String found = type.isEmpty() ? "not given" : Exchange.printable(type);
    String advice = "";
    if (body == Route.Body.PHOTO || body == Route.Body.PHOTO_OR_JSON) {
      if (type.equals("multipart/form-data")) {
        advice = ", which is a form; send the photo itself, not a form with it: " + HOW;
      } else if (type.equals("application/x-www-form-urlencoded")) {
        advice = ", which curl says unless it is told the type: " + HOW;
      }
    } else if (type.equals("application/x-www-form-urlencoded")) {
      advice = ", which curl says unless it is told the type: -H 'Content-Type: application/json'";
    }
    throw new Problem(
        415, "wrong_type", "the body must be " + wanted + ", but its type is " + found + advice);
  }
}
