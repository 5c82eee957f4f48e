/**
 * Faces in a folder, where every change survives a crash: {@link io.facesearch.store.FaceStore}.
 */
package io.facesearch.store;
