import { cut, paint, printable, tableOf } from "../command-line/output.ts";
import type { ListedEvent } from "../stores/opened-inbox.ts";
import { duration } from "./read-time.ts";

/** A stored event as a line of JSON. */
export function jsonRow(event: ListedEvent): object {
  const { idempotencyKey, id, name, receivedAt, dueAt, ...rest } = event;
  return { id: idempotencyKey, eventId: id, event: name, ...rest, receivedAt, dueAt };
}

/** Stored events as a table. */
export function eventTable(events: readonly ListedEvent[]): string {
  const rows = events.map((event) => [
    paintState(event.state),
    cut(printable(event.name || "–"), 36),
    // The whole id: it is what the other commands take.
    printable(event.idempotencyKey || "–"),
    cut(printable(event.recordId ?? "–"), 36),
    duration(Date.now() - event.receivedAt.getTime()),
    `${event.attempts}`,
    cut(printable(reasonOf(event)), 60),
  ]);
  return tableOf(["state", "event", "id", "record", "age", "tries", "why"], rows);
}

function reasonOf({ state, note, error }: ListedEvent): string {
  if (error !== null && (state === "dead" || state === "retry")) return `${error.name}: ${error.message}`;
  return note ?? "";
}

/** The state is a word, so that no color is needed to read it. */
export function paintState(state: string): string {
  if (state === "dead" || state === "rejected") return paint("red", state);
  return state === "retry" ? paint("yellow", state) : printable(state);
}
