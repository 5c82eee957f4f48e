/** dlib's face descriptor network: {@link io.facesearch.dlib.DlibModel} opens it. */
package io.facesearch.dlib;
