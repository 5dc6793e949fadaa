import type { Command } from "@commander-js/extra-typings";
import type { RedriveRefusal } from "@popp-webhooks/inbox";
import { CliError } from "../command-line/cli-error.ts";
import { confirmed } from "../command-line/confirm.ts";
import { newCommand } from "../command-line/new-command.ts";
import { withStoreOptions } from "../stores/store-options.ts";
import { withFilterOptions } from "./filter-options.ts";
import { notFound } from "./show-command.ts";
import { eventsText, whichEvents } from "./which-events.ts";
import { withInbox } from "./with-inbox.ts";

const EXAMPLES = [
  ["popp-webhooks inbox redrive evt_1", "handle one event again"],
  ["popp-webhooks inbox redrive --state dead --since 3d --dry-run", "count what would be redriven"],
] as const;

const REFUSALS: Readonly<Record<Exclude<RedriveRefusal, "unknown">, string>> = {
  erased: "It was erased, so that there is nothing to handle.",
  pruned: "Its body is older than the app keeps bodies, and was deleted. Have it delivered again.",
  rejected: "It was rejected: its body is no event that could be handled.",
  received: "It is due already. The app handles it once it runs.",
  processing: "It is being handled right now.",
  done: "It was handled. --force handles it once more: its handler must bear that.",
};

/** `inbox redrive`: makes events due again. */
export function redriveCommand(): Command {
  const command = newCommand("redrive", "Make events due now, so that the app handles them again.", EXAMPLES)
    .argument("[id]", "the id of one event")
    .option("--force", "also events that were handled")
    .option("--dry-run", "only count them")
    .option("-y, --yes", "do not ask");
  return withStoreOptions(withFilterOptions(command)).action((id, options) =>
    withInbox(options, async (inbox, output) => {
      const which = whichEvents("redrive", id, options, output.say);
      const force = options.force === true;
      const found = await inbox.redrive(which, { force, dryRun: true });
      if (id !== undefined && found.refused === "unknown") throw notFound(id);
      if (found.refused !== undefined && found.refused !== "unknown")
        throw new CliError("failed", `EVENT_${found.refused.toUpperCase()}`, REFUSALS[found.refused]);
      if (options.dryRun || found.redriven === 0)
        return output.result(
          { dryRun: options.dryRun === true, redriven: found.redriven },
          `${eventsText(found.redriven)} would be redriven.`,
        );
      if (!(await confirmed(`This redrives ${eventsText(found.redriven)}.`, options)))
        return output.say("Nothing was changed.");
      const { redriven } = await inbox.redrive(which, { force });
      output.result({ dryRun: false, redriven }, `${eventsText(redriven)} redriven: due now.`);
    }),
  ) as unknown as Command;
}
