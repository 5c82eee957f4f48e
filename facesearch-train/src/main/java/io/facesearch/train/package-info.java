/**
 * Training data, {@linkplain io.facesearch.train.Distillation distillation} and {@linkplain
 * io.facesearch.train.TripletTraining fine-tuning by triplets} and {@linkplain
 * io.facesearch.train.AttributeTraining by attributes}. Training runs on DJL's PyTorch, on the CPU.
 */
@NullMarked
package io.facesearch.train;

import org.jspecify.annotations.NullMarked;
