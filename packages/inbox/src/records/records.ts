import { checkOptions } from "@popp-webhooks/core/internal";
import type { InboxConfig } from "../inbox-config.ts";
import { eventKeyOf, idempotencyKeyOf, rejectedKeyOf } from "../lib/event-key.ts";
import { EVENT_STATES, type EventState, type StoredEvent } from "../ports/store.ts";

/** A stored event. */
export interface InboxRecord {
  /** The event's id; null when it has none. */
  readonly id: string | null;
  /** The argument of `get` and `redrive`: the event's id, or `sha256:` and the hash of the body when it has none. */
  readonly idempotencyKey: string;
  /** The event's name as received; empty for a rejected body. */
  readonly event: string;
  /** Its state. */
  readonly state: EventState;
  /** The signed bytes; null once they are pruned. */
  readonly body: Uint8Array | null;
  /** The headers that were kept. */
  readonly headers: Readonly<Record<string, string>>;
  /** The SHA-256 of the body, in hex. */
  readonly hash: string;
  /** The number of attempts. */
  readonly attempts: number;
  /** Why it is dead, rejected or to be retried, or why it is done although no handler ran. */
  readonly note: string | null;
  /** When it was accepted, by the store's clock. */
  readonly receivedAt: Date;
  /** When its state last changed. */
  readonly updatedAt: Date;
  /** When it was last delivered, duplicates included. */
  readonly lastSeenAt: Date;
  /** When it is due, or when its lease ends; null when it is finished. */
  readonly dueAt: Date | null;
  /** How many times it was delivered again. */
  readonly duplicates: number;
  /** How many of those had a different body. */
  readonly conflicts: number;
}

/** Which events to list. */
export interface EventFilter {
  /** Only events in this state. Default: all. */
  readonly state?: EventState;
  /** Only events with this name. Default: all. */
  readonly event?: string;
  /** Only events accepted at this time or later. Default: all. */
  readonly since?: Date;
  /** How many events are read from the store at a time. Default: 100. */
  readonly pageSize?: number;
}

/** Finds one event by its idempotency key. */
export async function findRecord(config: InboxConfig, id: string): Promise<InboxRecord | undefined> {
  const stored = await findStored(config, id);
  return stored && recordOf(stored);
}

/** Lists events, newest first, a page at a time. */
export async function* listRecords(config: InboxConfig, filter: EventFilter): AsyncGenerator<InboxRecord> {
  for await (const stored of listStored(config, filter)) yield recordOf(stored);
}

/** Makes dead events due again, one by its idempotency key or all that a filter finds. Yields the key of each. */
export async function* redriveEvents(
  config: InboxConfig,
  which: string | Omit<EventFilter, "state">,
): AsyncGenerator<string> {
  const dead =
    typeof which === "string"
      ? [await findStored(config, which)].filter((stored) => stored !== undefined)
      : listStored(config, { ...which, state: "dead" });
  for await (const { key, eventId, name: eventName } of dead) {
    if (!(await config.store.redrive(key))) continue;
    config.meter.redriven(eventName);
    config.reportTransition({ state: "received", eventId, eventName, attempt: 0 });
    yield key;
  }
}

const FILTER = {
  state: {
    expected: `one of ${EVENT_STATES.join(", ")}`,
    accepts: (state: unknown) => EVENT_STATES.some((one) => one === state),
  },
  event: "string",
  since: { expected: "a valid Date", accepts: (since: unknown) => isDate(since) && !Number.isNaN(since.getTime()) },
  pageSize: { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true },
} as const;

/** By its method, because another realm has a Date of its own. */
function isDate(value: unknown): value is Date {
  return typeof Reflect.get(Object(value), "getTime") === "function";
}

async function findStored({ store, source }: InboxConfig, id: string): Promise<StoredEvent | undefined> {
  return store.get(await eventKeyOf(source, id));
}

async function* listStored({ store, source }: InboxConfig, filter: EventFilter): AsyncGenerator<StoredEvent> {
  const { state = null, event: name = null, since, pageSize: limit = 100 } = filter;
  checkOptions("inbox.events", filter, FILTER);
  const query = { source, state, name, sinceMs: since?.getTime() ?? 0, limit };
  let beforeSeq: number | null = null;
  for (;;) {
    const page: readonly StoredEvent[] = await store.list({ ...query, beforeSeq });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return;
    beforeSeq = last.seq;
  }
}

function recordOf(stored: StoredEvent): InboxRecord {
  const {
    eventId: id,
    name: event,
    state,
    body,
    headers,
    hash,
    attempts,
    note,
    duplicates,
    conflicts,
    dueAtMs,
  } = stored;
  return {
    ...{ id, event, state, body, hash, attempts, note, duplicates, conflicts },
    idempotencyKey: state === "rejected" ? rejectedKeyOf(hash) : idempotencyKeyOf(id, hash),
    headers: headers === null ? {} : JSON.parse(headers),
    receivedAt: new Date(stored.receivedAtMs),
    updatedAt: new Date(stored.updatedAtMs),
    lastSeenAt: new Date(stored.lastSeenAtMs),
    dueAt: dueAtMs === null ? null : new Date(dueAtMs),
  };
}
