package io.facesearch.embed;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Translates names of tensors to torchvision's. timm names ResNet-50 alike, MobileNet-V2 not. */
final class TensorNames {
  private static final Pattern TIMM_BLOCK =
      Pattern.compile("blocks\\.(\\d)\\.(\\d)\\.(conv_pw|conv_dw|conv_pwl|bn1|bn2|bn3)\\.(\\w+)");

  /** Inverted residuals before each group of timm's blocks. */
  private static final int[] BEFORE = {1, 2, 4, 7, 11, 14, 17};

  private TensorNames() {}

  /** From torchvision's name to the name in the file. */
  static Map<String, String> translate(Iterable<String> names) {
    Map<String, String> map = new LinkedHashMap<>();
    boolean timm = false;
    for (String name : names) {
      timm |= plain(name).equals("conv_stem.weight");
    }
    for (String name : names) {
      map.put(timm ? fromTimm(plain(name)) : plain(name), name);
    }
    return map;
  }

  /** Without the prefix that PyTorch's DataParallel adds. */
  private static String plain(String name) {
    return name.startsWith("module.") ? name.substring("module.".length()) : name;
  }

  private static String fromTimm(String name) {
    Matcher block = TIMM_BLOCK.matcher(name);
    if (block.matches()) {
      int group = Integer.parseInt(block.group(1));
      if (group >= BEFORE.length) {
        return name;
      }
      int number = BEFORE[group] + Integer.parseInt(block.group(2));
      String part = group == 0 ? separable(block.group(3)) : inverted(block.group(3));
      return "features." + number + ".conv." + part + "." + block.group(4);
    }
    return name.replaceFirst("^conv_stem\\.", "features.0.0.")
        .replaceFirst("^bn1\\.", "features.0.1.")
        .replaceFirst("^conv_head\\.", "features.18.0.")
        .replaceFirst("^bn2\\.", "features.18.1.");
  }

  private static String separable(String part) {
    return switch (part) {
      case "conv_dw" -> "0.0";
      case "bn1" -> "0.1";
      case "conv_pw" -> "1";
      case "bn2" -> "2";
      default -> part;
    };
  }

  private static String inverted(String part) {
    return switch (part) {
      case "conv_pw" -> "0.0";
      case "bn1" -> "0.1";
      case "conv_dw" -> "1.0";
      case "bn2" -> "1.1";
      case "conv_pwl" -> "2";
      default -> "3";
    };
  }
}
