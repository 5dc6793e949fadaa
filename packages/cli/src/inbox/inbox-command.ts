import { Command } from "@commander-js/extra-typings";
import { withRules } from "../command-line/new-command.ts";
import { eraseCommand } from "./erase-command.ts";
import { listCommand } from "./list-command.ts";
import { pauseCommand, resumeCommand } from "./pause-commands.ts";
import { pruneCommand } from "./prune-command.ts";
import { redriveCommand } from "./redrive-command.ts";
import { showCommand } from "./show-command.ts";
import { statsCommand } from "./stats-command.ts";

/** `inbox`: looks into the inbox of an app, and acts on it. */
export function inboxCommand(): Command {
  return withRules(new Command("inbox"))
    .description("Look into the inbox of your app, and act on it.")
    .helpCommand(false)
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(statsCommand())
    .addCommand(redriveCommand())
    .addCommand(eraseCommand())
    .addCommand(pauseCommand())
    .addCommand(resumeCommand())
    .addCommand(pruneCommand())
    .addHelpText(
      "after",
      "\nExamples:\n  # how many events are in each state\n  $ popp-webhooks inbox stats --store popp.db",
    );
}
