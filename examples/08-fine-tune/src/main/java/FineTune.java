import io.facesearch.AlignmentTemplate;
import io.facesearch.FaceAnalyzer;
import io.facesearch.detect.SimilarityAligner;
import io.facesearch.embed.Architecture;
import io.facesearch.embed.Backbone;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.Preprocessing;
import io.facesearch.train.FaceChips;
import io.facesearch.train.FaceDataset;
import io.facesearch.train.TrainingParts;
import io.facesearch.train.TrainingRecipe;
import io.facesearch.train.TrainingResult;
import io.facesearch.train.TrainingRun;
import io.facesearch.train.TripletLoss;
import io.facesearch.train.TripletTraining;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Fine-tunes the last ten layers of a network by triplets. Arguments: photos (one subfolder a
 * person), the new checkpoint, and the checkpoint to begin with; without it the weights are random.
 * {@code -Dai.djl.pytorch.num_threads=N} gives PyTorch more than one thread.
 */
public class FineTune {
  public static void main(String[] args) throws Exception {
    FaceDataset photos = FaceDataset.ofFolder(Path.of(args[0]));
    Checkpoint start = args.length > 2 ? Checkpoint.read(Path.of(args[2])) : random();
    Path chips = Path.of(args[1] + ".chips");
    if (!Files.exists(chips)) {
      try (FaceAnalyzer analyzer = FaceAnalyzer.open()) {
        FaceChips.prepare(
            photos.photos(),
            analyzer,
            new SimilarityAligner(),
            start.card().input(),
            chips,
            done -> true);
      }
    }
    try (FaceChips faces = FaceChips.open(chips);
        FaceNetwork network = start.network(ComputeDevice.cpu())) {
      // Enough steps to see it run; a model takes thousands.
      TrainingRecipe recipe = TrainingRecipe.builder().steps(5).build();
      TrainingParts parts = recipe.parts(photos).withImages(faces);
      TripletLoss loss = new TripletLoss(0.2, true, TripletLoss.Mining.SEMI_HARD);
      TrainingRun.Builder run =
          TripletTraining.mined(network, start.preprocessing(), parts.train(), loss, 4, 3);
      TrainingResult result =
          recipe.configure(run, parts).log(Path.of(args[1] + ".csv")).build().run();
      System.out.printf("%d steps in %.0f s%n", result.steps(), result.seconds());
      Checkpoint.of(network)
          .name("fine-tuned")
          .license("what the photos and the first checkpoint allow")
          .preprocessing(start.preprocessing())
          .alignment(start.card().input())
          .build()
          .write(Path.of(args[1]));
    }
  }

  private static Checkpoint random() {
    Architecture architecture = new Architecture(Backbone.MOBILENET_V2, 128, true);
    try (FaceNetwork network = FaceNetwork.create(architecture, ComputeDevice.cpu())) {
      return Checkpoint.of(network)
          .name("random")
          .license("yours")
          .preprocessing(Preprocessing.imageNet(112, 112))
          .alignment(AlignmentTemplate.arcFace112())
          .build();
    }
  }
}
