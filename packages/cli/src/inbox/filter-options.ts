import type { Command } from "@commander-js/extra-typings";
import type { EventFilter, EventState } from "@popp-webhooks/inbox";
import { eventNames } from "@popp-webhooks/testing";
import { CliError } from "../command-line/cli-error.ts";
import { nearest } from "../command-line/nearest.ts";
import { printable } from "../command-line/output.ts";
import { timeOf } from "./read-time.ts";

const STATES: readonly EventState[] = ["received", "processing", "retry", "done", "dead", "rejected"];

/** The options that say which events are meant. */
export type FilterOptions = {
  readonly state?: EventState | undefined;
  readonly event?: string | undefined;
  readonly recordId?: string | undefined;
  readonly organizationId?: string | undefined;
  readonly about?: string | undefined;
  readonly text?: string | undefined;
  readonly note?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
};

/** Adds those options to a command. */
export function withFilterOptions<Args extends unknown[], Options extends Record<string, unknown>>(
  command: Command<Args, Options>,
): Command<Args, Options & FilterOptions> {
  return command
    .option("--state <state>", STATES.join(", "), stateOf)
    .option("--event <name>", "the event's name")
    .option("--record-id <id>", "the id of the record that the event is about")
    .option("--organization-id <id>", "the id of the organization")
    .option("--about <value>", "a value of any identifying field, such as a candidate's id")
    .option("--text <text>", "a text in the body; it reads bodies, which takes longer")
    .option("--note <note>", "the note, such as unhandled or abandoned")
    .option("--since <time>", "received then or later: ISO 8601, or 2h, 3d ago", timeOf("--since"))
    .option("--until <time>", "received before", timeOf("--until")) as unknown as Command<
    Args,
    Options & FilterOptions
  >;
}

/** The filter of the options that were given. */
export function filterOf(options: FilterOptions, say: (text: string) => void): EventFilter {
  const { state, event, recordId, organizationId, about, text, note, since, until } = options;
  if (event !== undefined) hintAtName(event, say);
  const given = { state, event, recordId, organizationId, about, text, note, since, until };
  for (const [name, value] of Object.entries(given))
    if (value === "")
      throw new CliError("usage", "USAGE", `The value of ${flagOf(name)} is empty. A variable may be unset.`);
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

const flagOf = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** A name that Popp does not document may be new, or misspelt. */
export function hintAtName(name: string, say: (text: string) => void): void {
  if (eventNames.some((known) => known === name)) return;
  const near = nearest(name, eventNames);
  say(`note: no documented event is named ${printable(name)}.${near === undefined ? "" : ` Did you mean ${near}?`}`);
}

function stateOf(text: string): EventState {
  const state = STATES.find((known) => known === text.toLowerCase());
  if (state) return state;
  const near = nearest(text, STATES);
  throw new CliError(
    "usage",
    "USAGE",
    `--state is one of ${STATES.join(", ")}.${near === undefined ? "" : ` Did you mean ${near.toLowerCase()}?`}`,
  );
}
