/** SFace in float: {@link io.facesearch.sfacefloat.SFaceFloatModel} opens it. */
@NullMarked
package io.facesearch.sfacefloat;

import org.jspecify.annotations.NullMarked;
