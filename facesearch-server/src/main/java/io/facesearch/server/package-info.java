/** The query page and its REST interface, built on the public API only. */
package io.facesearch.server;
