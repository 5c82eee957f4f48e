/**
 * Face detection (Haar cascades, a small neural detector), 68 landmarks, and alignment. All native
 * work is OpenCV's; no OpenCV type is in the public API.
 */
package io.facesearch.detect;
