/** The command line. */
@NullMarked
package io.facesearch.cli;

import org.jspecify.annotations.NullMarked;
