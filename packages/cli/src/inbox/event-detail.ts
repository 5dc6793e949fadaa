import type { HistoryEntry } from "@popp-webhooks/inbox";
import { paint, printable, tableOf } from "../command-line/output.ts";
import type { EventDetail } from "../stores/opened-inbox.ts";
import { jsonRow, paintState } from "./event-row.ts";
import { duration } from "./read-time.ts";

/** An event with its body as a line of JSON. A body that is no text is base64. */
export function jsonDetail(event: EventDetail): object {
  const { body, error: _, ...rest } = event;
  const text = body === null ? null : textOf(body);
  return {
    ...jsonRow({ ...rest, error: event.error }),
    body: text,
    ...(body !== null && text === null && { bodyBase64: Buffer.from(body).toString("base64") }),
  };
}

/** An event for a person. */
export function detailText(event: EventDetail): string {
  const { name, state, idempotencyKey, recordId, note, hash, receivedAt, dueAt, duplicates, conflicts } = event;
  const facts = [
    ["id", printable(idempotencyKey || "erased")],
    ["record", printable(recordId ?? "–")],
    ["received", receivedAt.toISOString()],
    ["due", dueAt?.toISOString() ?? "–"],
    ...(note === null ? [] : [["note", printable(note)]]),
    ...(duplicates === 0 ? [] : [["delivered again", `${duplicates} times, ${conflicts} with another body`]]),
    ...(hash === "" ? [] : [["sha-256", printable(hash)]]),
  ].map(([key = "", value = ""]) => [key, value]);
  const headers = Object.entries(event.headers).map((pair) => pair.map(printable));
  return [
    `${paint("bold", printable(name || "not an event"))}  ${paintState(state)}`,
    tableOf(["", ""], facts).trimStart(),
    section("History", event.history.map(entryText).join("\n") || "No attempt yet."),
    section("Headers", headers.map(([key, value]) => `${key}: ${value}`).join("\n") || "None were kept."),
    section("Body", bodyText(event)),
  ].join("\n\n");
}

const section = (title: string, text: string) => `${paint("bold", title)}\n${text}`;

function entryText(entry: HistoryEntry): string {
  const at = entry.at.toISOString();
  switch (entry.kind) {
    case "attempt": {
      const took = entry.durationMs === null ? "" : ` after ${duration(entry.durationMs)}`;
      const { error } = entry;
      const why = error === undefined ? "" : `: ${printable(`${error.name}: ${error.message}`)}`;
      const where = error?.frame == null ? "" : `\n${" ".repeat(at.length)}  at ${printable(error.frame)}`;
      return `${at}  attempt ${entry.number} ${printable(entry.outcome)}${took}${why}${where}`;
    }
    case "duplicate":
    case "conflict":
      return `${at}  ${entry.kind} ${entry.count} ${entry.count === 1 ? "time" : "times"}, latest ${entry.latest.toISOString()}`;
    default:
      return `${at}  ${printable(entry.kind)}`;
  }
}

function bodyText({ body, isMasked, hasBody, note }: EventDetail): string {
  if (body === null) return note === "erased" ? "It was erased." : hasBody ? "It is masked." : "It was deleted.";
  const text = textOf(body);
  if (text === null) return `${body.byteLength} bytes that are no text. --raw prints them.`;
  const lines = pretty(text).split("\n").map(printable).join("\n");
  return isMasked ? `${lines}\n(values are masked)` : lines;
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function textOf(body: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return null;
  }
}
