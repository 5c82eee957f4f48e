package com.example.consumer;

import io.facesearch.FaceImage;
import io.facesearch.Gallery;
import io.facesearch.IdentifiedFace;
import io.facesearch.IndexingReport;
import io.facesearch.PhotoSource;
import java.nio.file.Path;

/** Indexes a folder of photos, one subfolder a person, in a gallery folder, and searches it. */
public class Consumer {
  private Consumer() {}

  /** The folder of the gallery, the folder of photos, the photo. */
  public static void main(String[] args) throws Exception {
    try (Gallery gallery = Gallery.open(Path.of(args[0]))) {
      IndexingReport report = gallery.addAll(PhotoSource.folder(Path.of(args[1])));
      System.out.println(report.faces() + " faces indexed");
    }
    try (Gallery gallery = Gallery.open(Path.of(args[0]))) {
      for (IdentifiedFace face : gallery.identify(FaceImage.read(Path.of(args[2])))) {
        System.out.println("Java " + Runtime.version().feature() + ": " + face);
      }
    }
  }
}
