package io.facesearch.solr;

import io.facesearch.EmbeddedFace;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Supplier;

/** All faces, read while they are gone through; fewer than its size if some were removed. */
final class FaceList extends AbstractList<EmbeddedFace> {
  private final Supplier<Iterator<FaceScan.Stored>> scan;
  private final int size;

  FaceList(Supplier<Iterator<FaceScan.Stored>> scan, int size) {
    this.scan = scan;
    this.size = size;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Iterator<EmbeddedFace> iterator() {
    Iterator<FaceScan.Stored> stored = scan.get();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return stored.hasNext();
      }

      @Override
      public EmbeddedFace next() {
        return stored.next().face();
      }
    };
  }

  @Override
  public Spliterator<EmbeddedFace> spliterator() {
    return Spliterators.spliteratorUnknownSize(iterator(), Spliterator.ORDERED);
  }

  /** Reads all before it. */
  @Override
  public EmbeddedFace get(int i) {
    Iterator<EmbeddedFace> each = iterator();
    for (int before = 0; before < i && each.hasNext(); before++) {
      each.next();
    }
    if (i < 0 || !each.hasNext()) {
      throw new IndexOutOfBoundsException("the list has " + size + " faces, but not face " + i);
    }
    return each.next();
  }

  List<EmbeddedFace> copy() {
    List<EmbeddedFace> copy = new ArrayList<>();
    iterator().forEachRemaining(copy::add);
    return List.copyOf(copy);
  }
}
