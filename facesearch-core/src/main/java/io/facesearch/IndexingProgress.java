package io.facesearch;

/**
 * How far {@link FaceSearch#addAll(java.nio.file.Path, IndexingListener)} or {@link
 * FaceSearch#reembed} is.
 *
 * @param filesDone files dealt with
 * @param filesTotal files found in the folder, photos of the old gallery
 * @param faces faces added
 * @param noFace photos without a face, or in which a face was not found again
 * @param broken files that are no readable image
 */
public record IndexingProgress(int filesDone, int filesTotal, int faces, int noFace, int broken) {}
