/** Makes the project's pages into a site, and checks their links and their spelling. */
@NullMarked
package io.facesearch.site;

import org.jspecify.annotations.NullMarked;
