package io.facesearch.solr;

import io.facesearch.lucene.SigmoidTreeVectorsFormat;
import java.util.Objects;
import org.apache.lucene.codecs.Codec;
import org.apache.lucene.codecs.FilterCodec;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.perfield.PerFieldKnnVectorsFormat;
import org.apache.solr.core.SchemaCodecFactory;
import org.apache.solr.core.SolrCore;
import org.apache.solr.schema.DenseVectorField;
import org.apache.solr.schema.SchemaField;
import org.jspecify.annotations.Nullable;

/**
 * A codec factory for {@code solrconfig.xml}: vector fields whose type has {@code
 * knnAlgorithm="sigmoid-tree"} are written in {@link SigmoidTreeVectorsFormat}, which searches them
 * exactly; all other fields are written as usual in Solr. The jars of facesearch-solr, -lucene,
 * -index and -core must be where Solr loads plug-ins from, such as the folder {@code lib} of the
 * Solr home.
 *
 * <pre>{@code
 * <codecFactory class="io.facesearch.solr.SigmoidTreeCodecFactory"/>
 * }</pre>
 */
public final class SigmoidTreeCodecFactory extends SchemaCodecFactory {
  /** The {@code knnAlgorithm} of a field type that is searched exactly. */
  public static final String ALGORITHM = "sigmoid-tree";

  private volatile @Nullable Codec codec;

  /** Called by Solr. */
  public SigmoidTreeCodecFactory() {}

  @Override
  public void inform(SolrCore core) {
    super.inform(core);
    // Solr looks for formats of postings and doc values in its plug-ins, but not of vectors.
    KnnVectorsFormat.reloadKnnVectorsFormat(SigmoidTreeCodecFactory.class.getClassLoader());
    Codec own = super.getCodec();
    KnnVectorsFormat vectors = new Formats(core, own.knnVectorsFormat());
    codec =
        new FilterCodec(own.getName(), own) {
          @Override
          public KnnVectorsFormat knnVectorsFormat() {
            return vectors;
          }
        };
  }

  @Override
  public Codec getCodec() {
    return Objects.requireNonNull(codec, "inform is called first");
  }

  private static final class Formats extends PerFieldKnnVectorsFormat {
    private final SolrCore core;
    private final KnnVectorsFormat others;
    private final KnnVectorsFormat exact = new SigmoidTreeVectorsFormat();

    Formats(SolrCore core, KnnVectorsFormat others) {
      this.core = core;
      this.others = others;
    }

    @Override
    public KnnVectorsFormat getKnnVectorsFormatForField(String name) {
      SchemaField field = core.getLatestSchema().getFieldOrNull(name);
      if (field != null
          && field.getType() instanceof DenseVectorField type
          && ALGORITHM.equals(type.getKnnAlgorithm())) {
        return exact;
      }
      return others instanceof PerFieldKnnVectorsFormat each
          ? each.getKnnVectorsFormatForField(name)
          : others;
    }
  }
}
