/** The command line. */
package io.facesearch.cli;
