/**
 * Training data, {@linkplain io.facesearch.train.Distillation distillation}, and fine-tuning with
 * {@linkplain io.facesearch.train.TripletTraining triplets} or {@linkplain
 * io.facesearch.train.AttributeTraining attributes}. Training runs on DJL's PyTorch, on the CPU.
 */
@NullMarked
package io.facesearch.train;

import org.jspecify.annotations.NullMarked;
