package io.facesearch.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = "Measures a model on a data set, or calibrates its threshold.",
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch evaluate retrieval --photos people",
      "  facesearch evaluate calibrate --photos people --save faces/threshold"
    },
    subcommands = {
      EvaluateRetrievalCommand.class,
      EvaluateVerificationCommand.class,
      EvaluateIdentifyCommand.class,
      EvaluateCalibrateCommand.class,
      HelpCommand.class
    })
final class EvaluateCommand {}
