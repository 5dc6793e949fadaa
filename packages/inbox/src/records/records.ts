import type { Plan } from "../inbox-config.ts";
import { demandCount } from "../lib/check-option.ts";
import { escapeText, unescapeText } from "../lib/escape-text.ts";
import { eventKeyOf, idempotencyKeyOf, rejectedKeyOf } from "../lib/event-key.ts";
import type { EventState, StoredEvent } from "../ports/store.ts";

/** An event on record. */
export interface InboxRecord {
  /** The event's id; null where it has none. */
  readonly id: string | null;
  /** What `get` and `redrive` find it by: its id, or where it has none `sha256:` and the hash of its body. */
  readonly idempotencyKey: string;
  /** Its name on the wire; empty for a rejected body. */
  readonly event: string;
  /** Where it stands. */
  readonly state: EventState;
  /** The signed bytes; null once they were pruned. */
  readonly body: Uint8Array | null;
  /** The headers that were kept. */
  readonly headers: Readonly<Record<string, string>>;
  /** The SHA-256 of the body, in hex. */
  readonly hash: string;
  /** How many times it was tried. */
  readonly attempts: number;
  /** Why it is done without having been handled, dead, rejected or to be tried again. */
  readonly note: string | null;
  /** When it was accepted, by the store's clock. */
  readonly receivedAt: Date;
  /** When its state last changed. */
  readonly updatedAt: Date;
  /** When it was last delivered, duplicates included. */
  readonly lastSeenAt: Date;
  /** When it is due, or when the lease on it ends; null when it is finished. */
  readonly dueAt: Date | null;
  /** How many times it was delivered again. */
  readonly duplicates: number;
  /** How many of those came with other bytes. */
  readonly conflicts: number;
}

/** Which events to go through. */
export interface EventFilter {
  /** Only those in this state. Default: all. */
  readonly state?: EventState;
  /** Only those of this name on the wire. Default: all. */
  readonly event?: string;
  /** Only those accepted at this time or later. Default: all. */
  readonly since?: Date;
  /** How many are read at a time. Default: 100. */
  readonly pageSize?: number;
}

/** One event on record, by its id. */
export async function findEvent(plan: Plan, id: string): Promise<InboxRecord | undefined> {
  for await (const stored of storedEvent(plan, id)) return recordOf(stored);
  return undefined;
}

/** Goes through events, newest first, a page at a time. */
export async function* storedEvents({ store, source }: Plan, filter: EventFilter): AsyncGenerator<StoredEvent> {
  const { state = null, event, since, pageSize: limit = 100 } = filter;
  demandCount("inbox.events", "pageSize", limit);
  const query = {
    source,
    state,
    name: event === undefined ? null : escapeText(event),
    sinceMs: since?.getTime() ?? 0,
    limit,
  };
  let beforeSeq: number | null = null;
  for (;;) {
    const page: readonly StoredEvent[] = await store.list({ ...query, beforeSeq });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return;
    beforeSeq = last.seq;
  }
}

/** Says what is on record in the user's words. */
export function recordOf(stored: StoredEvent): InboxRecord {
  const { state, body, headers, hash, attempts, duplicates, conflicts, dueAtMs } = stored;
  const id = stored.eventId === null ? null : unescapeText(stored.eventId);
  return {
    ...{ state, body, hash, attempts, duplicates, conflicts },
    ...{ id, idempotencyKey: state === "rejected" ? rejectedKeyOf(hash) : idempotencyKeyOf(id, hash) },
    event: unescapeText(stored.name),
    headers: headers === null ? {} : JSON.parse(headers),
    note: stored.note === null ? null : unescapeText(stored.note),
    receivedAt: new Date(stored.receivedAtMs),
    updatedAt: new Date(stored.updatedAtMs),
    lastSeenAt: new Date(stored.lastSeenAtMs),
    dueAt: dueAtMs === null ? null : new Date(dueAtMs),
  };
}

/** Gives dead events a new life: one by its id, or all that a filter finds; gives the keys of those that have one. */
export async function* redriveEvents(plan: Plan, which: string | Omit<EventFilter, "state">): AsyncGenerator<string> {
  const dead = typeof which === "string" ? storedEvent(plan, which) : storedEvents(plan, { ...which, state: "dead" });
  for await (const stored of dead) {
    if (!(await plan.store.redrive(stored.key))) continue;
    const { id: eventId, event: eventName } = recordOf(stored);
    plan.tell({ state: "received", eventId, eventName, attempt: 0 });
    yield stored.key;
  }
}

async function* storedEvent({ store, source }: Plan, id: string): AsyncGenerator<StoredEvent> {
  const stored = await store.get(await eventKeyOf(source, id));
  if (stored !== undefined) yield stored;
}
