package io.facesearch.opencv;

/**
 * The cascades bundled with facesearch-opencv. They are OpenCV's; each file contains its license.
 */
public enum HaarCascade {
  /** Frontal faces, tree-based, 20x20: fewer false boxes; the default. */
  FRONTAL_ALT2("haarcascade_frontalface_alt2.xml"),
  /** Frontal faces, stump-based, 24x24: finds slightly more, with more false boxes. */
  FRONTAL_DEFAULT("haarcascade_frontalface_default.xml"),
  /** Faces seen from their left side, 20x20. */
  PROFILE("haarcascade_profileface.xml");

  private final String resource;

  HaarCascade(String resource) {
    this.resource = resource;
  }

  String resource() {
    return resource;
  }
}
