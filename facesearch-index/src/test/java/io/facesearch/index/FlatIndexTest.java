package io.facesearch.index;

import io.facesearch.FaceIndex;
import io.facesearch.testing.FaceIndexContract;

class FlatIndexTest extends FaceIndexContract {
  @Override
  protected FaceIndex newIndex() {
    return new FlatIndex();
  }
}
