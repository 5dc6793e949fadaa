import type { ClaimedEvent, ClaimRequest, InboxStore, Lease, NewEvent, Settlement } from "@popp-webhooks/inbox";

/** A store under test, empty and not yet open. */
export interface StoreUnderTest<Tx = unknown> {
  /** The store. */
  readonly store: InboxStore<Tx>;
  /** Gives another handle on the same data, open, as another process would have; the same one where there is no other. */
  connect(): Promise<InboxStore<Tx>>;
  /** Where the store has transactions: how work in one leaves a mark, and how many marks there are afterwards. */
  readonly marks?: Marks<Tx> | undefined;
  /** Closes every handle, and removes the data. */
  close(): Promise<void>;
}

/** A table of the user's, beside the store's own. */
export interface Marks<Tx> {
  /** Leaves a mark, inside the transaction. */
  leave(tx: Tx): void | Promise<void>;
  /** How many marks were committed. */
  count(): Promise<number>;
}

/** One thing that every store must get right. */
export interface StoreCase {
  /** What is right, as a sentence. */
  readonly name: string;
  /** What more of the store it takes; without it the case does not apply. */
  readonly needs?: "marks";
  /** Resolves when the store got it right, and rejects with what went wrong. */
  run<Tx>(under: StoreUnderTest<Tx>): Promise<void>;
}

/** The source that the suite's events have. */
export const SOURCE = "suite";

let made = 0;

/** An event as an inbox gives it to a store; each one new. */
export function newEvent(overrides: Partial<NewEvent> = {}): NewEvent {
  const number = ++made;
  return {
    key: keyOf(`event ${number}`),
    source: SOURCE,
    eventId: `evt_${number}`,
    name: "CONVERSATION_STARTED",
    hash: keyOf(`body ${number}`),
    body: new TextEncoder().encode(`{"number":${number}}`),
    headers: '{"content-type":"application/json"}',
    orderKey: null,
    orderAtMs: null,
    buried: null,
    ...overrides,
  };
}

/** 32 hex digits of a text, well spread; no hash that anybody should rely on. */
export function keyOf(text: string): string {
  let digits = "";
  for (let round = 0; round < 4; round++) {
    let hash = 0x811c9dc5 ^ (round * 0x9e3779b1);
    for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    digits += hash.toString(16).padStart(8, "0");
  }
  return digits;
}

/** A claim of whatever is due. */
export function claimOf(overrides: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    source: SOURCE,
    token: `token ${++made}`,
    leaseMs: 60_000,
    limit: 100,
    maxAttempts: 8,
    key: null,
    which: "any",
    exclude: [],
    ...overrides,
  };
}

/** A claim of one event, which must be there to be had. */
export async function claimOne<Tx>(
  store: InboxStore<Tx>,
  { key }: NewEvent,
  overrides: Partial<ClaimRequest> = {},
): Promise<{ readonly claimed: ClaimedEvent; readonly lease: Lease }> {
  const request = claimOf({ key, ...overrides });
  const [claimed] = await store.claim(request);
  if (claimed === undefined) throw new Error("expected to claim the event, but it was not to be had");
  return { claimed, lease: { key, token: request.token } };
}

/** How events are left, by the word for it. */
export const settled: Readonly<Record<"done" | "dead" | "released", Settlement>> = {
  done: { state: "done", delayMs: null, note: null, counts: true },
  dead: { state: "dead", delayMs: null, note: "gave up", counts: true },
  released: { state: "retry", delayMs: 0, note: null, counts: false },
};

/** A failure, to be tried again after a while. */
export function retryIn(delayMs: number): Settlement {
  return { state: "retry", delayMs, note: "failed", counts: true };
}

/** Waits in real time, since only the store's own clock counts. */
export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Fails a case. */
export function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

/** Fails a case whose values differ; compared as JSON. */
export function demandSame(what: string, actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  demand(got === wanted, `${what}: expected ${wanted}, but received ${got}`);
}
