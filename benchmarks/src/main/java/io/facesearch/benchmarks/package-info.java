/** Measuring programs and JMH benchmarks; see CONTRIBUTING.md for the commands. */
package io.facesearch.benchmarks;
