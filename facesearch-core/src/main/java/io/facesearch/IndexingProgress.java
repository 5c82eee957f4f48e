package io.facesearch;

/**
 * How far {@link FaceSearch#addAll(java.nio.file.Path, IndexingListener)} is.
 *
 * @param filesDone files dealt with
 * @param filesTotal files found in the folder
 * @param faces faces added
 * @param noFace photos without a face
 * @param broken files that are no readable image
 */
public record IndexingProgress(int filesDone, int filesTotal, int faces, int noFace, int broken) {}
