/** The command line, built on the public API only. */
package io.facesearch.cli;
