/** SFace in float: {@link io.facesearch.sfacefloat.SFaceFloatModel} opens it. */
package io.facesearch.sfacefloat;
