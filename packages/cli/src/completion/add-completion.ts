import tab from "@bomb.sh/tab/commander";
import type { Command } from "@commander-js/extra-typings";
import { eventNames } from "@popp-webhooks/testing";
import type { Command as PlainCommand } from "commander";

/** `completion`: prints a script that completes commands, options and event names in a shell. Call it when all other commands are there. */
export function addCompletion(program: Command): void {
  const root = tab(program as unknown as PlainCommand, { completionCommandName: "completion" });
  for (const { name, registeredArguments } of program.commands.map((command) => ({
    name: command.name(),
    registeredArguments: command.registeredArguments,
  })))
    for (const argument of registeredArguments)
      if (argument.name() === "event")
        root.commands.get(name)?.argument("event", (complete) => {
          for (const event of eventNames) complete(event, "");
        });
  program.commands
    .find((command) => command.name() === "completion")
    ?.description("Print a script that completes commands, options and event names in your shell.")
    .addHelpText("after", EXAMPLES);
}

const EXAMPLES = `
Examples:
  # bash, from now on
  $ popp-webhooks completion bash >> ~/.bashrc
  # zsh
  $ popp-webhooks completion zsh >> ~/.zshrc
  # fish
  $ popp-webhooks completion fish > ~/.config/fish/completions/popp-webhooks.fish`;
