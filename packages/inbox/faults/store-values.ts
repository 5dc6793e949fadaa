import type { ClaimRequest, InboxStore, Lease, ListQuery, NewEvent } from "../src/index.ts";

let made = 0;

/** The body `{}` and its hash, without which an inbox does not handle it. */
export const SMALLEST = {
  body: new Uint8Array([123, 125]),
  hash: "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
} as const;

/** A new event, as an inbox passes it to a store. */
export function newEvent(overrides: Partial<NewEvent> = {}): NewEvent {
  const number = ++made;
  const { key = number.toString(16).padStart(32, "0") } = overrides;
  return {
    ...{ key, source: "test", eventId: `evt_${number}`, name: "CONVERSATION_STARTED" },
    ...{ recordId: null, tags: [], nameTag: 0 },
    ...{ ...SMALLEST, headers: "{}", orderKey: null, orderAtMs: null, deadReason: null },
    ...overrides,
  };
}

/** A claim of all due events. */
export function claimOf(overrides: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    ...{
      source: "test",
      token: `token ${++made}`,
      leaseMs: 60_000,
      limit: 100,
      key: null,
      which: "any",
    },
    ...{ maxCrashes: 8, crashWaitsMs: [0], exclude: [], onlyNames: null, exceptNames: [] },
    ...overrides,
  };
}

/** A query for all events of an inbox, without bodies. */
export function listOf(overrides: Partial<ListQuery> = {}): ListQuery {
  return {
    ...{ source: "popp", state: null, name: null, nameTag: null, note: null, tags: [] },
    ...{ sinceMs: 0, untilMs: null, beforeSeq: null, limit: 100, bodies: false },
    ...overrides,
  };
}

/** Stores a new event and claims it. */
export async function claimed<Tx>(store: InboxStore<Tx>, overrides: Partial<ClaimRequest> = {}): Promise<Lease> {
  const { key } = newEvent();
  await store.accept(newEvent({ key }));
  const request = claimOf({ key, ...overrides });
  if ((await store.claim(request)).length !== 1) throw new Error("expected to claim the event");
  return { key, token: request.token };
}
