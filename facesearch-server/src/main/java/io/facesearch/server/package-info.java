/** The query page and its REST interface. */
@NullMarked
package io.facesearch.server;

import org.jspecify.annotations.NullMarked;
