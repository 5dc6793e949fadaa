import type { AttemptError, HistoryEntry } from "@popp-webhooks/inbox";
import type { Content } from "./contents.ts";
import type { InspectorRecord } from "./inspector-options.ts";

/** What stands in place of a value. */
export const MASK = "•••";

/** Names of fields are shown. A key that may be a value of somebody, such as an address, is not. */
const FIELD = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** The notes of the inbox itself. Every other note is the text of what a handler threw. */
const OWN_NOTES = /^(?:unhandled|superseded|abandoned|erased|body damaged|put off[a-z ]*|too old|not a JSON object)$/;

/** Nothing is as deep as this but an attack. */
const MAX_DEPTH = 60;

/** Masks a body: the shape of its JSON with every value replaced, or no text when it is not JSON. */
export function maskContent(body: Uint8Array): Content {
  const bytes = body.byteLength;
  try {
    return { bytes, text: JSON.stringify(maskValue(JSON.parse(new TextDecoder().decode(body)), 0)), hex: null };
  } catch {
    return { bytes, text: null, hex: null };
  }
}

function maskValue(value: unknown, depth: number): unknown {
  if (value === null) return null;
  if (typeof value !== "object" || depth > MAX_DEPTH) return MASK;
  if (Array.isArray(value)) return value.map((one) => maskValue(one, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, one], at) => [FIELD.test(key) ? key : `${MASK} ${at}`, maskValue(one, depth + 1)]),
  );
}

/** Masks a note that is not one of the inbox's own. */
export function maskNote(note: string | null): string | null {
  return note === null || OWN_NOTES.test(note) ? note : MASK;
}

/** Masks the messages of errors in a history. */
export function maskHistory(history: readonly HistoryEntry[]): readonly HistoryEntry[] {
  return history.map((entry) =>
    entry.kind === "attempt" && entry.error !== undefined ? { ...entry, error: maskError(entry.error) } : entry,
  );
}

function maskError({ name, frame }: AttemptError): AttemptError {
  return { name: FIELD.test(name) ? name : MASK, message: MASK, frame };
}

/** The error of the latest attempt that had one. */
export function lastErrorOf({ history }: Pick<InspectorRecord, "history">): AttemptError | null {
  const last = history.findLast((entry) => entry.kind === "attempt" && entry.error !== undefined);
  return last?.kind === "attempt" ? (last.error ?? null) : null;
}
