import { Command } from "@commander-js/extra-typings";

/** An example of the help: the command line, and what it does. */
export type Example = readonly [line: string, meaning: string];

/** Creates a command with the options that all have, and examples at the end of its help. */
export function newCommand(
  name: string,
  summary: string,
  examples: readonly Example[],
): Command<[], { json?: true; input: boolean }> {
  const lines = examples.map(([line, meaning]) => `  # ${meaning}\n  $ ${line}`);
  return withRules(new Command(name))
    .description(summary)
    .option("--json", "print one JSON object a line, errors included")
    .option("--no-input", "never ask a question")
    .addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}

/** Errors come to `run`, which prints them once; help fits a terminal of 80 columns. */
export function withRules<Args extends unknown[], Options extends Record<string, unknown>>(
  command: Command<Args, Options>,
): Command<Args, Options> {
  return command
    .exitOverride()
    .helpOption("-h, --help", "show this help")
    .configureOutput({ outputError: () => {}, getOutHelpWidth: () => Math.min(process.stdout.columns ?? 80, 100) })
    .configureHelp({ showGlobalOptions: false })
    .showSuggestionAfterError();
}
