/** dlib's face descriptor network: {@link io.facesearch.dlib.DlibModel} opens it. */
@NullMarked
package io.facesearch.dlib;

import org.jspecify.annotations.NullMarked;
