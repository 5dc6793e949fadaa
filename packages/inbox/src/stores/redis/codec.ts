import type { ClaimedEvent } from "../../ports/claims.ts";
import { parseState } from "../../ports/event-state.ts";
import type { NewEvent, StoredEvent } from "../../ports/stored-event.ts";
import type { Argument } from "./connection.ts";
import { hashOf, listOf, numberOf, textOf } from "./reply.ts";

const encoder = new TextEncoder();
const LINE_FEED = 10;

/** The arguments of the accept scripts for one event. */
export function argumentsOf(event: NewEvent, state: string): readonly Argument[] {
  const { key, source, hash, name, eventId, recordId, orderKey, orderAtMs, deadReason: note } = event;
  const pairs = Object.entries({ eventId, recordId, orderKey, orderAtMs, note }).filter(([, value]) => value !== null);
  const fields = pairs.flatMap(([field, value]) => [field, String(value)]);
  return [key, source, hash, state, name, tagsText(event.tags), packed(event), String(pairs.length), ...fields];
}

/** Writes tags as a text. In base 36, five tags fit into a field that Redis stores compactly. */
export function tagsText(tags: readonly number[]): string {
  return tags.map((tag) => tag.toString(36)).join(" ");
}

function tagsOf(text: string | null): readonly number[] | null {
  if (text === null) return null;
  return text.split(" ").flatMap((tag) => {
    const number = Number.parseInt(tag, 36);
    return Number.isNaN(number) ? [] : [number];
  });
}

/** Puts headers and body into one string: the length of the headers, a line feed, the headers, the body. */
function packed({ headers, body }: NewEvent): Uint8Array {
  const head = encoder.encode(headers);
  const start = encoder.encode(`${head.length}\n`);
  const all = new Uint8Array(start.length + head.length + body.length);
  all.set(start);
  all.set(head, start.length);
  all.set(body, start.length + head.length);
  return all;
}

/** Reads headers and body. Copies the body: the client's bytes are part of a larger buffer, which would stay in memory. */
export function unpacked(reply: unknown): { readonly headers: string; readonly body: Uint8Array } | undefined {
  if (!(reply instanceof Uint8Array)) return undefined;
  const start = reply.indexOf(LINE_FEED) + 1;
  const end = start + (numberOf(reply.subarray(0, Math.max(0, start - 1))) ?? 0);
  return { headers: textOf(reply.subarray(start, end)) ?? "{}", body: new Uint8Array(reply.subarray(end)) };
}

/** Reads an event as scripts return it: key, fields, the body or whether there is one, and the history. */
export function storedOf(reply: unknown): StoredEvent | undefined {
  const [key, fields, content, history] = listOf(reply);
  const hash = hashOf(fields);
  if (hash.size === 0) return undefined;
  const text = (name: string) => textOf(hash.get(name));
  const maybe = (name: string) => numberOf(hash.get(name));
  const number = (name: string) => maybe(name) ?? 0;
  const { headers, body } = unpacked(content) ?? { headers: null, body: null };
  return {
    ...{ key: textOf(key) ?? "", source: text("source") ?? "", state: parseState(text("state")), seq: number("seq") },
    ...{ eventId: text("eventId"), name: text("name") ?? "", recordId: text("recordId"), tags: tagsOf(text("tags")) },
    ...{ hash: text("hash") ?? "", hasBody: body !== null || content === 1, body, headers },
    ...{ orderKey: text("orderKey"), orderAtMs: maybe("orderAtMs") },
    ...{ attempts: number("attempts"), crashes: number("crashes"), fence: number("fence") },
    ...{
      receivedAtMs: number("receivedAtMs"),
      updatedAtMs: number("updatedAtMs"),
      lastSeenAtMs: number("lastSeenAtMs"),
    },
    ...{ startedAtMs: maybe("startedAtMs"), dueAtMs: maybe("dueAtMs") },
    ...{ duplicates: number("duplicates"), firstDuplicateAtMs: maybe("firstDuplicateAtMs") },
    ...{ conflicts: number("conflicts"), conflictHash: text("conflictHash") },
    ...{ firstConflictAtMs: maybe("firstConflictAtMs"), lastConflictAtMs: maybe("lastConflictAtMs") },
    ...{ note: text("note"), history: textOf(history) },
  };
}

/** Reads claimed events, in order of arrival. Each is a list of values and not of fields: this runs once for each event that is handled. */
export function claimedOf(replies: readonly unknown[], claimedAtMs: number): readonly ClaimedEvent[] {
  return replies.map((reply) => claimed(listOf(reply), claimedAtMs)).sort((one, other) => one.seq - other.seq);
}

function claimed(values: readonly unknown[], claimedAtMs: number): ClaimedEvent {
  const [key, source, state, seq, eventId, name, recordId, hash, orderKey, orderAtMs, ...counts] = values;
  const [attempts, crashes, fence, receivedAtMs, content, history] = counts;
  return {
    // Without a body, which was deleted by hand, the inbox finds that the hash differs.
    ...(unpacked(content) ?? { headers: "{}", body: new Uint8Array() }),
    key: textOf(key) ?? "",
    source: textOf(source) ?? "",
    state: textOf(state) === "dead" ? "dead" : "processing",
    seq: numberOf(seq) ?? 0,
    eventId: textOf(eventId),
    name: textOf(name) ?? "",
    recordId: textOf(recordId),
    hash: textOf(hash) ?? "",
    orderKey: textOf(orderKey),
    orderAtMs: numberOf(orderAtMs),
    attempts: numberOf(attempts) ?? 0,
    crashes: numberOf(crashes) ?? 0,
    fence: numberOf(fence) ?? 0,
    receivedAtMs: numberOf(receivedAtMs) ?? 0,
    history: textOf(history),
    claimedAtMs,
  };
}
