/** Training data. */
package io.facesearch.train;
