package io.facesearch.embed;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a network runs. If a requested GPU is not available, that is an error; the CPU is never
 * used silently instead. Immutable and thread-safe.
 */
public final class ComputeDevice {
  private static final Pattern GPU = Pattern.compile("gpu(?:[(:]?(\\d{1,3})\\)?)?");
  private static final ComputeDevice CPU = new ComputeDevice(-1);
  private static final ComputeDevice AUTO = new ComputeDevice(-2);

  private final int index;

  private ComputeDevice(int index) {
    this.index = index;
  }

  /** {@return the CPU} */
  public static ComputeDevice cpu() {
    return CPU;
  }

  /**
   * Returns an NVIDIA GPU.
   *
   * @param index 0 for the first one
   * @return the device
   */
  public static ComputeDevice gpu(int index) {
    if (index < 0 || index > 999) {
      throw new IllegalArgumentException("a GPU's index must be 0 to 999, but is: " + index);
    }
    return new ComputeDevice(index);
  }

  /** {@return the first GPU that the engine can use, otherwise the CPU; the log says which} */
  public static ComputeDevice auto() {
    return AUTO;
  }

  /**
   * Parses a device as users write it.
   *
   * @param text {@code cpu}, {@code auto}, {@code gpu} or {@code gpu(1)}
   * @return the device
   * @throws IllegalArgumentException if it is none of these
   */
  public static ComputeDevice parse(String text) {
    if (text.equals("cpu")) {
      return CPU;
    }
    if (text.equals("auto")) {
      return AUTO;
    }
    Matcher gpu = GPU.matcher(text);
    if (!gpu.matches()) {
      throw new IllegalArgumentException(
          "the device must be cpu, auto, gpu or gpu(N), but is: " + text);
    }
    return gpu(gpu.group(1) == null ? 0 : Integer.parseInt(gpu.group(1)));
  }

  boolean isAuto() {
    return index == AUTO.index;
  }

  boolean isGpu() {
    return index >= 0;
  }

  int index() {
    return index;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ComputeDevice that && index == that.index;
  }

  @Override
  public int hashCode() {
    return index;
  }

  @Override
  public String toString() {
    return isGpu() ? "gpu(" + index + ")" : isAuto() ? "auto" : "cpu";
  }
}
