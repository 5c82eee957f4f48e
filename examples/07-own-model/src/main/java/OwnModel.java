import io.facesearch.embed.Architecture;
import io.facesearch.embed.Backbone;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.LoadReport;
import io.facesearch.embed.Preprocessing;
import io.facesearch.embed.Weights;
import java.nio.file.Path;

/**
 * Makes a checkpoint that training starts from. Arguments: the checkpoint, and torchvision's
 * ImageNet weights of MobileNet-V2; without these the weights are random.
 */
public class OwnModel {
  public static void main(String[] args) throws Exception {
    Architecture architecture = new Architecture(Backbone.MOBILENET_V2, 128, true);
    try (FaceNetwork network = FaceNetwork.create(architecture, ComputeDevice.cpu())) {
      if (args.length > 1) {
        LoadReport report = network.loadBackbone(Weights.read(Path.of(args[1])), true);
        System.out.println(report.loaded().size() + " tensors loaded");
      }
      Checkpoint.of(network)
          .name("mobilenet-v2")
          .license("torchvision: BSD-3-Clause, trained on ImageNet; the head is random")
          .preprocessing(Preprocessing.imageNet(218, 218))
          .build()
          .write(Path.of(args[0]));
    }
    System.out.println(Checkpoint.read(Path.of(args[0])));
  }
}
