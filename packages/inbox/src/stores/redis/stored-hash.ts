import type { ClaimedEvent } from "../../ports/claims.ts";
import { parseState } from "../../ports/event-state.ts";
import type { NewEvent, StoredEvent } from "../../ports/stored-event.ts";
import type { Argument } from "./connection.ts";
import { hashOf, numberOf, textOf } from "./reply.ts";

/** The fields and values of a new event, alternating. A null value has no field. */
export function fieldsOf({ deadReason, key: _, source: __, ...event }: NewEvent): readonly Argument[] {
  const fields: Argument[] = [];
  for (const [name, value] of Object.entries({ ...event, note: deadReason })) {
    if (value !== null) fields.push(name, typeof value === "number" ? String(value) : value);
  }
  return fields;
}

/** Reads a stored event; undefined when it does not exist. */
export function storedOf(reply: unknown): StoredEvent | undefined {
  const hash = hashOf(reply);
  if (hash.size === 0) return undefined;
  const text = (name: string) => textOf(hash.get(name));
  const number = (name: string) => numberOf(hash.get(name)) ?? 0;
  return {
    key: text("key") ?? "",
    source: text("source") ?? "",
    eventId: text("eventId"),
    name: text("name") ?? "",
    hash: text("hash") ?? "",
    state: parseState(text("state")),
    headers: text("headers"),
    body: bytesOf(hash.get("body")),
    orderKey: text("orderKey"),
    orderAtMs: numberOf(hash.get("orderAtMs")),
    seq: number("seq"),
    attempts: number("attempts"),
    fence: number("fence"),
    receivedAtMs: number("receivedAtMs"),
    updatedAtMs: number("updatedAtMs"),
    lastSeenAtMs: number("lastSeenAtMs"),
    dueAtMs: numberOf(hash.get("dueAtMs")),
    duplicates: number("duplicates"),
    conflicts: number("conflicts"),
    conflictHash: text("conflictHash"),
    note: text("note"),
  };
}

/** Reads claimed events, in order of arrival. */
export function claimedOf(replies: readonly unknown[]): readonly ClaimedEvent[] {
  return replies
    .map(storedOf)
    .filter((event) => event !== undefined)
    .sort((one, other) => one.seq - other.seq)
    .map((event) => ({
      ...event,
      state: event.state === "dead" ? "dead" : "processing",
      headers: event.headers ?? "{}",
      body: event.body ?? new Uint8Array(),
    }));
}

/** Returns a copy: the client's bytes are part of a larger buffer, which would stay in memory. */
function bytesOf(value: unknown): Uint8Array | null {
  return value instanceof Uint8Array ? new Uint8Array(value) : null;
}
