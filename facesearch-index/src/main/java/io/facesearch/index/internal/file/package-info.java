/** The file of an index. */
@NullMarked
package io.facesearch.index.internal.file;

import org.jspecify.annotations.NullMarked;
