/** Face detection by OpenCV's Haar cascades. No OpenCV type is in the public API. */
@NullMarked
package io.facesearch.opencv;

import org.jspecify.annotations.NullMarked;
