/** The storage of a gallery on SolrCloud, and its plug-in for Solr. */
@NullMarked
package io.facesearch.solr;

import org.jspecify.annotations.NullMarked;
