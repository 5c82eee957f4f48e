package io.facesearch.testing;

import io.facesearch.FaceIndex;

class ListIndexTest extends FaceIndexContract {
  @Override
  protected FaceIndex newIndex() {
    return new ListIndex();
  }
}
