package io.facesearch.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = "Makes an embedding model of its own from photos of many people.",
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch train distill --photos people --chips faces.fsc --out small.safetensors",
      "  facesearch help train"
    },
    subcommands = {
      TrainDistillCommand.class,
      TrainTripletCommand.class,
      TrainAttributesCommand.class,
      HelpCommand.class
    })
final class TrainCommand {}
