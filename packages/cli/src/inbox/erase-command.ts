import type { Command } from "@commander-js/extra-typings";
import { CliError } from "../command-line/cli-error.ts";
import { confirmed } from "../command-line/confirm.ts";
import { newCommand } from "../command-line/new-command.ts";
import { withStoreOptions } from "../stores/store-options.ts";
import { withFilterOptions } from "./filter-options.ts";
import { notFound } from "./show-command.ts";
import { eventsText, whichEvents } from "./which-events.ts";
import { withInbox } from "./with-inbox.ts";

const EXAMPLES = [
  ["popp-webhooks inbox erase --about cand_1 --follow --dry-run", "count all that is about a candidate"],
  ["popp-webhooks inbox erase evt_1 --yes", "erase one event, without a question"],
] as const;

/** `inbox erase`: removes what events say, for good. */
export function eraseCommand(): Command {
  const command = newCommand("erase", "Erase events for good: bodies, ids and histories.", EXAMPLES)
    .argument("[id]", "the id of one event")
    .option("--follow", "also what stands in the same events: conversations, bookings")
    .option("--dry-run", "only count them")
    .option("-y, --yes", "do not ask");
  return withStoreOptions(withFilterOptions(command)).action((id, options) =>
    withInbox(options, async (inbox, output) => {
      const which = whichEvents("erase", id, options, output.say);
      if (options.follow && typeof which === "string")
        throw new CliError("usage", "USAGE", "--follow goes with a filter such as --about, not with an ID.");
      const request = typeof which === "string" ? which : { ...which, follow: options.follow === true };
      const found = await inbox.erase(request, { dryRun: true });
      if (id !== undefined && found.erased === 0) {
        if ((await inbox.get(id)) === undefined) throw notFound(id);
      }
      if (found.unreadable > 0)
        output.say(
          `note: ${eventsText(found.unreadable)} cannot be read any more, and may be about it too. They hold no body, and are pruned.`,
        );
      const unreadable = found.unreadable;
      if (options.dryRun || found.erased === 0)
        return output.result(
          { dryRun: options.dryRun === true, erased: found.erased, unreadable },
          `${eventsText(found.erased)} would be erased.`,
        );
      const question = `This erases ${eventsText(found.erased)} for good.`;
      if (!(await confirmed(question, options))) return output.say("Nothing was changed.");
      const { erased } = await inbox.erase(request, {});
      output.result({ dryRun: false, erased, unreadable }, `${eventsText(erased)} erased.`);
    }),
  ) as unknown as Command;
}
