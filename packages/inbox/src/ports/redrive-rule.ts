import type { RedriveRefusal } from "./changes.ts";
import type { StoredEvent } from "./stored-event.ts";

/** The notes of `done` events that no handler has handled. */
export const NOT_HANDLED: readonly string[] = ["unhandled", "superseded"];

/** Why an event cannot be redriven; undefined when it can. */
export function redriveRefusal(
  { state, note, hasBody }: Pick<StoredEvent, "state" | "note" | "hasBody">,
  force: boolean,
): RedriveRefusal | undefined {
  if (note === "erased") return "erased";
  if (state === "received" || state === "processing" || state === "rejected") return state;
  if (!hasBody) return "pruned";
  return state === "done" && !force && !NOT_HANDLED.includes(note ?? "") ? "done" : undefined;
}
