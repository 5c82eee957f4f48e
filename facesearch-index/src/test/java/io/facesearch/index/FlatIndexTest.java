package io.facesearch.index;

import io.facesearch.FaceIndex;

class FlatIndexTest extends FaceIndexContract {
  @Override
  FaceIndex newIndex() {
    return new FlatIndex();
  }
}
