import { once } from "node:events";
import type { Command } from "@commander-js/extra-typings";
import type { EventFilter } from "@popp-webhooks/inbox";
import { CliError } from "../command-line/cli-error.ts";
import { newCommand } from "../command-line/new-command.ts";
import type { Output } from "../command-line/output.ts";
import { wholeNumber } from "../command-line/parse-option.ts";
import type { EventPage, OpenedInbox } from "../stores/opened-inbox.ts";
import { withStoreOptions } from "../stores/store-options.ts";
import { eventTable, jsonRow } from "./event-row.ts";
import { filterOf, withFilterOptions } from "./filter-options.ts";
import { withInbox } from "./with-inbox.ts";

const EXAMPLES = [
  ["popp-webhooks inbox list --state dead --since 3d", "what died in the last three days"],
  ["popp-webhooks inbox list --about cand_1 --json --all | jq .id", "the ids of all events about a candidate"],
] as const;

/** `inbox list`: stored events, newest first. */
export function listCommand(): Command {
  const command = newCommand("list", "List stored events, newest first.", EXAMPLES)
    .option("--limit <number>", "how many at most", wholeNumber("--limit", { min: 1, max: 100_000 }), 50)
    .option("--before <cursor>", "go on after the page before")
    .option("--all", "list all of them, page by page")
    .option("--redact", "mask values, to share the list");
  return withStoreOptions(withFilterOptions(command)).action((options) =>
    withInbox(options, async (inbox, output) => {
      const { limit, before, all = false } = options;
      if (before !== undefined && !/^\d{1,15}$/.test(before))
        throw new CliError("usage", "USAGE", "--before takes the cursor that a list ends with.");
      if (options.redact && options.text !== undefined)
        throw new CliError("usage", "USAGE", "Give --text or --redact, not both: a search tells what is masked.");
      const filter = { ...filterOf(options, output.say), ...(before !== undefined && { before }) };
      let left = all ? Number.POSITIVE_INFINITY : limit;
      let listed = 0;
      let page: EventPage | undefined;
      for await (page of pagesOf(inbox, filter, () => left)) {
        left -= page.events.length;
        listed += page.events.length;
        print(page, output);
        // A reader that is slower than the store must not make this process collect the list.
        if (process.stdout.writableNeedDrain) await once(process.stdout, "drain");
        // A search by text reads only so many bodies at a time.
        if (!all && filter.text !== undefined) break;
      }
      if (page !== undefined) tellEnd(page, output, all);
      if (listed === 0 && !output.isJson) output.say("No event matches.");
    }),
  ) as unknown as Command;
}

/** The most that one call returns; an inspector returns fewer. */
const PAGE = 500;

async function* pagesOf(inbox: OpenedInbox, filter: EventFilter, left: () => number): AsyncGenerator<EventPage> {
  let before = filter.before ?? null;
  do {
    const page: EventPage = await inbox.page({ ...filter, before, limit: Math.min(left(), PAGE) });
    yield page;
    before = page.next;
  } while (before !== null && left() > 0);
}

function print({ events }: EventPage, output: Output): void {
  if (output.isJson) for (const event of events) output.result(jsonRow(event), "");
  else if (events.length > 0) output.result({}, eventTable(events));
}

function tellEnd({ next, isComplete, searched }: EventPage, { say }: Output, all: boolean): void {
  if (!isComplete)
    say("note: events of an older version are still being indexed by the app. Some may be missing: list again later.");
  if (searched && !all)
    say(`Read ${searched.events} bodies${searched.backTo ? `, back to ${searched.backTo.toISOString()}` : ""}.`);
  if (next !== null) say(`There are more: --before ${next}, or --all.`);
}
