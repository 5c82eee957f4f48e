/** The faces of one moment, their ids and tombstones, and the flat scan over them. */
@NullMarked
package io.facesearch.index.internal.snapshot;

import org.jspecify.annotations.NullMarked;
