import type { Command } from "@commander-js/extra-typings";
import { newCommand } from "../command-line/new-command.ts";
import { paint, printable, tableOf } from "../command-line/output.ts";
import type { OpenedInbox } from "../stores/opened-inbox.ts";
import { withStoreOptions } from "../stores/store-options.ts";
import { duration } from "./read-time.ts";
import { withInbox } from "./with-inbox.ts";

const EXAMPLES = [
  ["popp-webhooks inbox stats", "how many events are in each state"],
  ["popp-webhooks inbox stats --json | jq .counts.dead", "how many are dead"],
] as const;

type Stats = Awaited<ReturnType<OpenedInbox["stats"]>>;

/** `inbox stats`: counts by state and event. */
export function statsCommand(): Command {
  return withStoreOptions(newCommand("stats", "Count the events by state and name.", EXAMPLES)).action((options) =>
    withInbox(options, async (inbox, output) => {
      const stats = await inbox.stats();
      const { counts, names, oldestDueMs, nextDueInMs, paused } = stats;
      output.result({ counts, names, oldestDueMs, nextDueInMs, paused }, statsText(stats));
    }),
  ) as unknown as Command;
}

function statsText({ counts, names, oldestDueMs, paused }: Stats): string {
  const states = Object.keys(counts) as (keyof typeof counts)[];
  const rows = Object.entries(names)
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, own]) => [printable(name || "not an event"), ...states.map((state) => `${own[state] ?? 0}`)]);
  const total = [paint("bold", "all"), ...states.map((state) => `${counts[state]}`)];
  const due = oldestDueMs === 0 ? "No event is due." : `The oldest event has been due for ${duration(oldestDueMs)}.`;
  const stopped = paused.length === 0 ? "" : `\nPaused: ${paused.map(printable).join(", ")}.`;
  return `${tableOf(["event", ...states], [...rows, total])}\n\n${due}${stopped}`;
}
