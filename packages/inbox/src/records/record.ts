import {
  assumeVerified,
  type Catalog,
  type EventsOf,
  type PoppEvents,
  parseEvent,
  type UnrecognizedEvent,
  WebhookError,
} from "@popp-webhooks/core";
import { idempotencyKeyOf, rejectedKeyOf } from "../event/event-key.ts";
import { intactBody } from "../event/intact-body.ts";
import { parseHeaders } from "../event/parse-headers.ts";
import type { EventState } from "../ports/event-state.ts";
import type { StoredEvent } from "../ports/stored-event.ts";
import { type HistoryEntry, historyOf } from "./history.ts";

/** A stored event. */
export interface InboxRecord<Events extends Catalog = PoppEvents> {
  /** The event's id; null when it has none, or was erased. */
  readonly id: string | null;
  /**
   * The argument of `get`, `redrive` and `erase`: the event's id, or `sha256:` and the hash of the body when it has none. Empty once the event is
   * erased.
   */
  readonly idempotencyKey: string;
  /** The event's name as received; empty for a rejected body. */
  readonly name: string;
  /** The id of the record that the event is about: `data.recordId`. Null when it has none, or was erased. */
  readonly recordId: string | null;
  /** Its state. */
  readonly state: EventState;
  /** Why it is dead, rejected or to be retried, or why it is done although no handler ran; `erased` once it is erased. */
  readonly note: string | null;
  /** Whether the body is still stored. */
  readonly hasBody: boolean;
  /**
   * The signed bytes. Null once they are deleted, and in lists without `bodies: true`. Where somebody has changed them in the store, they are what is there:
   * their SHA-256 is not `hash`, and `event` throws.
   */
  readonly body: Uint8Array | null;
  /** The headers that were kept; empty where the body is null. */
  readonly headers: Readonly<Record<string, string>>;
  /** The SHA-256 of the body, in hex; empty once the event is erased. */
  readonly hash: string;
  /** The number of attempts since it was received or last redriven. */
  readonly attempts: number;
  /** How many of those ended with a dead process or a lost lease. */
  readonly crashes: number;
  /** What happened to it, the oldest first: its attempts (of many, the first 4 and the latest 28), redrives, repeated deliveries. */
  readonly history: readonly HistoryEntry[];
  /** When it was accepted, by the store's clock. */
  readonly receivedAt: Date;
  /** When its state last changed, or its lease was last extended. */
  readonly updatedAt: Date;
  /** When it was last delivered, duplicates included. */
  readonly lastSeenAt: Date;
  /** When it is due, or when its lease ends; null when it is finished. */
  readonly dueAt: Date | null;
  /** How many times it was delivered again. */
  readonly duplicates: number;
  /** How many of those had a different body. */
  readonly conflicts: number;
  /** Its place in the lists: pass it as `before` to go on after this event. */
  readonly cursor: string;
  /**
   * Parses the stored body with the inbox's catalog of today.
   *
   * @throws WebhookError `PAYLOAD_INVALID` when the event does not fit the catalog, with its issues; `PAYLOAD_MALFORMED` when the body is not
   * JSON, or not the one that was accepted; `CONFIG_INVALID` when there is no body to read: it was deleted, or the list was read without `bodies: true`
   */
  readonly event: () => Exclude<EventsOf<Events>, UnrecognizedEvent>;
}

/** Makes the record of an event that was read with its body. The body is checked, and repaired where the dispatcher repairs it. */
export async function recordWithBody<Events extends Catalog>(
  catalog: Catalog,
  stored: StoredEvent,
): Promise<InboxRecord<Events>> {
  const { body, hash, hasBody } = stored;
  const intact = body === null ? undefined : await intactBody({ body, hash });
  return recordOf(catalog, { ...stored, body: intact ?? body }, hasBody && intact === undefined);
}

/**
 * Makes the record of a stored event.
 *
 * @param isDamaged - whether the stored body is not the one that was accepted, or is missing
 * @typeParam Events - the type of that catalog: inside the inbox, events are those of any catalog
 */
export function recordOf<Events extends Catalog>(
  catalog: Catalog,
  stored: StoredEvent,
  isDamaged = false,
): InboxRecord<Events> {
  const { eventId: id, name, recordId, state, note, hasBody, body, headers, hash, seq, dueAtMs } = stored;
  const { attempts, crashes, duplicates, conflicts } = stored;
  return {
    ...{ id, name, recordId, state, note, hasBody, body, hash, attempts, crashes, duplicates, conflicts },
    idempotencyKey: idOf(stored),
    headers: parseHeaders(headers),
    history: historyOf(stored),
    receivedAt: new Date(stored.receivedAtMs),
    updatedAt: new Date(stored.updatedAtMs),
    lastSeenAt: new Date(stored.lastSeenAtMs),
    dueAt: dueAtMs === null ? null : new Date(dueAtMs),
    cursor: String(seq),
    event: () => eventOf(catalog, stored, isDamaged) as Exclude<EventsOf<Events>, UnrecognizedEvent>,
  };
}

function idOf({ note, state, hash, eventId }: StoredEvent): string {
  if (note === "erased") return "";
  return state === "rejected" ? rejectedKeyOf(hash) : idempotencyKeyOf(eventId, hash);
}

function eventOf(catalog: Catalog, { body, hasBody, note }: StoredEvent, isDamaged: boolean): EventsOf<Catalog> {
  if (isDamaged) throw new WebhookError("PAYLOAD_MALFORMED", `record.event: ${BODY_DAMAGED}`);
  if (body === null) throw new WebhookError("CONFIG_INVALID", `record.event: ${withoutBody(hasBody, note)}`);
  // The inbox stores only bodies that the receiver verified.
  return parseEvent(assumeVerified(body), { catalog, strict: true });
}

const BODY_DAMAGED =
  "the stored body is not the one that was accepted: its hash differs, or it is missing. Restore it from a backup or ask the sender for the event.";

function withoutBody(hasBody: boolean, note: string | null): string {
  if (hasBody) return "this record was listed without its body. List with `bodies: true`, or use `inbox.get`.";
  return note === "erased"
    ? "the event was erased."
    : "the body is older than the inbox keeps bodies, and was deleted.";
}
