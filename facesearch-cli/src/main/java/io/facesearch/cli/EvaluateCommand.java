package io.facesearch.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = "Measures a model on a data set, or calibrates its threshold.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      EvaluateRetrievalCommand.class,
      EvaluateVerificationCommand.class,
      EvaluateIdentifyCommand.class,
      EvaluateCalibrateCommand.class,
      HelpCommand.class
    })
final class EvaluateCommand {}
