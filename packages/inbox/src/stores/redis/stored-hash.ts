import type { ClaimedEvent } from "../../ports/claims.ts";
import { parseState } from "../../ports/event-state.ts";
import type { NewEvent, StoredEvent } from "../../ports/stored-event.ts";
import type { Argument } from "./connection.ts";
import { hashOf, listOf, numberOf, textOf } from "./reply.ts";

/** The arguments of a new event: key, source, hash, state, headers, body, how many arguments follow, and its fields as pairs. A null value has no field. */
export function argumentsOf(event: NewEvent, state: string): readonly Argument[] {
  const { deadReason, key, source, hash, headers, body, tags, nameTag, ...rest } = event;
  const fields: string[] = ["tags", [nameTag, ...tags].join(",")];
  for (const [name, value] of Object.entries({ ...rest, hash, note: deadReason }))
    if (value !== null) fields.push(name, String(value));
  return [key, source, hash, state, headers, body, String(fields.length), ...fields];
}

/** Reads a stored event from its hash, and its headers and body; undefined when it does not exist. */
export function storedOf(reply: unknown): StoredEvent | undefined {
  const [fields, parts] = listOf(reply);
  const [headers, body] = listOf(parts);
  const hash = hashOf(fields);
  if (hash.size === 0) return undefined;
  const text = (name: string) => textOf(hash.get(name));
  const number = (name: string) => numberOf(hash.get(name)) ?? 0;
  const time = (name: string) => numberOf(hash.get(name));
  return {
    key: text("key") ?? "",
    source: text("source") ?? "",
    eventId: text("eventId"),
    name: text("name") ?? "",
    recordId: text("recordId"),
    hash: text("hash") ?? "",
    state: parseState(text("state")),
    tags: tagsOf(text("tags")),
    hasBody: text("kept") === "1",
    headers: textOf(headers),
    body: bytesOf(body),
    orderKey: text("orderKey"),
    orderAtMs: time("orderAtMs"),
    seq: number("seq"),
    attempts: number("attempts"),
    crashes: number("crashes"),
    fence: number("fence"),
    receivedAtMs: number("receivedAtMs"),
    updatedAtMs: number("updatedAtMs"),
    startedAtMs: time("startedAtMs"),
    lastSeenAtMs: number("lastSeenAtMs"),
    dueAtMs: time("dueAtMs"),
    duplicates: number("duplicates"),
    firstDuplicateAtMs: time("firstDuplicateAtMs"),
    conflicts: number("conflicts"),
    firstConflictAtMs: time("firstConflictAtMs"),
    lastConflictAtMs: time("lastConflictAtMs"),
    conflictHash: text("conflictHash"),
    note: text("note"),
    history: text("history"),
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
      claimedAtMs: event.updatedAtMs,
      headers: event.headers ?? "{}",
      body: event.body ?? new Uint8Array(),
    }));
}

/** The first tag is the name's. Events of version 1 have no tags. */
function tagsOf(text: string | null): readonly number[] | null {
  if (text === null) return null;
  return text.split(",").slice(1).map(Number);
}

/** Returns a copy: the client's bytes are part of a larger buffer, which would stay in memory. */
function bytesOf(value: unknown): Uint8Array | null {
  return value instanceof Uint8Array ? new Uint8Array(value) : null;
}
