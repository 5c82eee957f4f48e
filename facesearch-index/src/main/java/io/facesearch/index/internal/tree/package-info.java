/** The sigmoid tree. */
@NullMarked
package io.facesearch.index.internal.tree;

import org.jspecify.annotations.NullMarked;
