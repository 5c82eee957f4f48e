/** The query page and its REST interface. */
package io.facesearch.server;
