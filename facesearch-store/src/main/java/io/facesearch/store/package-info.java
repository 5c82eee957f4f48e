/**
 * Faces in a folder, where every change survives a crash: {@link io.facesearch.store.FaceStore}.
 */
@NullMarked
package io.facesearch.store;

import org.jspecify.annotations.NullMarked;
