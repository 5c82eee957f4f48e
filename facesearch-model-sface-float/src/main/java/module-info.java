/** The weights of the SFace recognition network in float. */
module io.facesearch.sfacefloat {
  requires transitive io.facesearch.core;
  requires transitive io.facesearch.sface;

  exports io.facesearch.sfacefloat;

  provides io.facesearch.spi.EmbedderProvider with
      io.facesearch.sfacefloat.SFaceFloatEmbedderProvider;
}
