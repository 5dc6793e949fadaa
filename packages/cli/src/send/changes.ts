import type { PoppEventName } from "@popp-webhooks/core";
import { CliError } from "../command-line/cli-error.ts";
import { nearest } from "../command-line/nearest.ts";
import { cut, printable } from "../command-line/output.ts";
import { fieldsOf } from "../events/event-schema.ts";

/** A change of `--data`: a path below an event's `data`, and the text of the new value. */
export interface Change {
  readonly path: readonly string[];
  readonly text: string;
}

/** No event is nested deeper. */
const MAX_DEPTH = 50;

/** Reads `key=value`. */
export function changeOf(given: string): Change {
  const [, key = "", text = ""] = /^([^=]*)=(.*)$/s.exec(given) ?? [];
  const path = key.split(".");
  if (path.length <= MAX_DEPTH && path.every((part) => part !== "")) return { path, text };
  throw new CliError(
    "usage",
    "USAGE",
    `--data takes key=value, such as conversationStatus=CLOSED or meetingDetails.title=Call. "${cut(printable(given), 200)}" is none.`,
  );
}

/** Applies changes to an event's data. A field that is documented as text stays text; other values are JSON where they can be. */
export function changed(data: unknown, changes: readonly Change[], event: PoppEventName | undefined): unknown {
  const types = new Map(event && fieldsOf(event).map(({ path, type }) => [path, type]));
  return changes.reduce((whole, { path, text }) => {
    const isText = /^string( \| null)?$/.test(types.get(documentedPath(path)) ?? "");
    return withValue(whole, path, parsed(text, isText));
  }, data);
}

/** Says which top-level fields are not documented for any of the events. They are sent all the same. */
export function warningsOf(changes: readonly Change[], events: readonly PoppEventName[]): string[] {
  const known = events.flatMap((event) => fieldsOf(event).map(({ path }) => path.replace(/[.[].*/, "")));
  const unknown = new Set(changes.map(({ path: [first = ""] }) => first).filter((first) => !known.includes(first)));
  const whose = events.length === 1 ? events[0] : `these ${events.length} events`;
  return [...unknown].map((field) => {
    const near = nearest(field, known);
    const advice = ENVELOPE_ADVICE[field] ?? (near ? `Did you mean ${near}?` : "");
    const fact = `the data of ${whose} has no documented field "${printable(field)}". It is sent all the same.`;
    return `warning: ${fact} ${advice}`.trim();
  });
}

const ENVELOPE_ADVICE: Readonly<Record<string, string>> = {
  data: "A path begins below `data`: leave `data.` out.",
  eventId: "--event-id sets the id of the event.",
  event: "The name of the event is an argument of its own.",
};

/** The path as the schema has it: `requirementOutcomes.0.isMet` is `requirementOutcomes[].isMet`. */
function documentedPath(path: readonly string[]): string {
  return path.join(".").replace(/\.\d+(?=\.|$)/g, "[]");
}

function parsed(text: string, isText: boolean): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isText && value !== null && typeof value !== "string" ? text : value;
  } catch {
    return text;
  }
}

function withValue(container: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(container)) {
    const index = Number(key);
    if (!/^\d+$/.test(key) || index > container.length)
      throw new CliError(
        "usage",
        "USAGE",
        `--data: the field is a list, so that "${printable(key)}" must be a number from 0 to ${container.length}.`,
      );
    return [...container.slice(0, index), withValue(container[index], rest, value), ...container.slice(index + 1)];
  }
  const fields = typeof container === "object" && container !== null ? container : {};
  const before = Object.hasOwn(fields, key) ? Reflect.get(fields, key) : undefined;
  return { ...fields, [key]: withValue(before, rest, value) };
}
