/** Small runnable programs to copy from, one idea each. */
package io.facesearch.examples;
