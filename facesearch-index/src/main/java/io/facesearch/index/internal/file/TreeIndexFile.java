package io.facesearch.index.internal.file;

import io.facesearch.index.internal.snapshot.IdTable;
import io.facesearch.index.internal.snapshot.SnapshotIndex;
import io.facesearch.index.internal.tree.TreeIndex;
import io.facesearch.index.internal.tree.TreeShape;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a {@link TreeIndex} to a file and makes one of a file. Stateless. */
public final class TreeIndexFile {
  private static final Logger LOG = LoggerFactory.getLogger("io.facesearch.index.SigmoidTreeIndex");

  private TreeIndexFile() {}

  /**
   * Writes faces and tree; see {@code SigmoidTreeIndex.save}.
   *
   * @param known the files that the index knows
   * @param overwrite whatever is there
   */
  public static void write(TreeIndex index, KnownFiles known, Path file, boolean overwrite)
      throws IOException {
    SnapshotIndex.State<TreeIndex.Vectors> now = index.compactState();
    if (now.isUnbound() || now.vectors().tree() == null || now.faces().size() > IdTable.MOST) {
      FaceFile.write(index.faces(), index.metric(), known, file, overwrite);
      return;
    }
    known.write(file, overwrite, TreeFile.content(now, index.shape(), TreeFile.PLAIN, 0));
  }

  /** Makes an index of a file of any version, whose metric it takes over. */
  public static TreeIndex load(TreeIndex.Builder settings, Path file) throws IOException {
    return TreeFile.isOne(file)
        ? load(settings, file, TreeFile.PLAIN, 0)
        : FaceFile.read(file, settings::build, TreeIndex::addImmutable);
  }

  /** Makes an index of a {@link TreeFile}, which also tells the metric. */
  public static TreeIndex load(TreeIndex.Builder settings, Path file, Seal seal, long generation)
      throws IOException {
    TreeShape shape = settings.build().shape();
    TreeFile.Content content = TreeFile.read(file, shape, seal, generation, settings.leastMapped());
    TreeIndex index = settings.build(content.state().space().metric());
    if (content.hasTree()) {
      index.restore(content.state());
    } else {
      LOG.info(
          "the tree is rebuilt, since the file has one made with {}, not {}",
          content.made(),
          shape);
      index.addImmutable(content.live(), content.numbers());
    }
    return index;
  }
}
