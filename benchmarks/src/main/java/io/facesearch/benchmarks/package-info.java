/** Measuring programs and JMH benchmarks; see CONTRIBUTING.md for the commands. */
@NullMarked
package io.facesearch.benchmarks;

import org.jspecify.annotations.NullMarked;
