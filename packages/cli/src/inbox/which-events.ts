import type { EventFilter } from "@popp-webhooks/inbox";
import { CliError } from "../command-line/cli-error.ts";
import { type FilterOptions, filterOf } from "./filter-options.ts";

/** What an act is for: the event of an id, or what a filter finds. */
export function whichEvents(
  act: string,
  id: string | undefined,
  options: FilterOptions,
  say: (text: string) => void,
): string | EventFilter {
  const filter = filterOf(options, say);
  const hasFilter = Object.keys(filter).length > 0;
  if (id !== undefined && hasFilter) throw new CliError("usage", "USAGE", "Give an ID or a filter, not both.");
  if (id !== undefined) return id;
  if (hasFilter) return filter;
  throw new CliError(
    "usage",
    "USAGE",
    `Say which events to ${act}: an ID, or a filter such as --state dead. See --help.`,
  );
}

/** `1 event`, `2 events`. */
export function eventsText(count: number): string {
  return `${count} ${count === 1 ? "event" : "events"}`;
}
