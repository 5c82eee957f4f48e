/** Face detection by OpenCV's Haar cascades. No OpenCV type is in the public API. */
package io.facesearch.opencv;
