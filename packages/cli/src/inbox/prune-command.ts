import type { Command } from "@commander-js/extra-typings";
import { CliError } from "../command-line/cli-error.ts";
import { confirmed } from "../command-line/confirm.ts";
import { newCommand } from "../command-line/new-command.ts";
import { wholeNumber } from "../command-line/parse-option.ts";
import { withStoreOptions } from "../stores/store-options.ts";
import { withInbox } from "./with-inbox.ts";

const EXAMPLES = [
  ["popp-webhooks inbox prune --keep-bodies-days 7 --yes", "delete bodies that are older than a week"],
] as const;

const days = (option: string) => wholeNumber(option, { min: 1, max: 36_500 });

/** `inbox prune`: deletes what is old. */
export function pruneCommand(): Command {
  const command = newCommand("prune", "Delete bodies and events that are old.", EXAMPLES)
    .option("--keep-bodies-days <days>", "bodies of done and rejected events", days("--keep-bodies-days"), 30)
    .option("--keep-dead-days <days>", "bodies of dead events", days("--keep-dead-days"), 400)
    .option("--keep-events-days <days>", "finished events at all", days("--keep-events-days"), 400)
    .option("-y, --yes", "do not ask");
  return withStoreOptions(command).action((options) => {
    const { keepBodiesDays, keepDeadDays, keepEventsDays } = options;
    const retention = { keepBodiesDays, keepDeadDays, keepEventsDays };
    return withInbox({ ...options, retention }, async (inbox, output) => {
      if (inbox.prune === undefined)
        throw new CliError(
          "usage",
          "NOT_OFFERED",
          "An inspector does not prune. A started inbox does so every hour by itself.",
        );
      const question = `This deletes bodies of events that were done or rejected ${keepBodiesDays} days ago, bodies that are dead for ${keepDeadDays} days, and what finished ${keepEventsDays} days ago. The app's own settings are not known here.`;
      if (!(await confirmed(question, options))) return output.say("Nothing was changed.");
      const pruned = await inbox.prune();
      const { bodies, dead, rows } = pruned;
      output.result(pruned, `${bodies} bodies deleted, ${dead} of them of dead events, and ${rows} events.`);
    });
  }) as unknown as Command;
}
