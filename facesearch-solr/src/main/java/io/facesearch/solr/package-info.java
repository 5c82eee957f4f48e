/** A gallery on SolrCloud. */
@NullMarked
package io.facesearch.solr;

import org.jspecify.annotations.NullMarked;
