import type { ClaimedEvent, ClaimRequest, InboxStore, Lease, NewEvent, Settlement } from "@popp-webhooks/inbox";
import { pause } from "../pause.ts";
import { SOURCE } from "./new-event.ts";

let tokens = 0;

/** Creates a request for all due events with a new token. */
export function claimOf(overrides: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    source: SOURCE,
    token: `token ${++tokens}`,
    leaseMs: 60_000,
    limit: 100,
    key: null,
    which: "any",
    maxCrashes: 8,
    crashWaitsMs: [0],
    exclude: [],
    onlyNames: null,
    exceptNames: [],
    ...overrides,
  };
}

/** Claims one event. Fails the case when the store does not return it. */
export async function claimOne<Tx>(
  store: InboxStore<Tx>,
  { key }: NewEvent,
  overrides: Partial<ClaimRequest> = {},
): Promise<{ readonly claimed: ClaimedEvent; readonly lease: Lease }> {
  const request = claimOf({ key, ...overrides });
  const [claimed] = await store.claim(request);
  if (claimed === undefined) throw new Error("expected to claim the event, but the store did not return it");
  return { claimed, lease: { key, token: request.token } };
}

/** Claims one event as soon as its short lease or delay ends. Fails the case after 30 s. */
export async function claimWhenDue<Tx>(
  store: InboxStore<Tx>,
  { key }: NewEvent,
  overrides: Partial<ClaimRequest> = {},
): Promise<{ readonly claimed: ClaimedEvent; readonly lease: Lease }> {
  const request = claimOf({ key, ...overrides });
  for (let waitedMs = 0; waitedMs < 30_000; waitedMs += 10) {
    const [claimed] = await store.claim(request);
    if (claimed !== undefined) return { claimed, lease: { key, token: request.token } };
    await pause(10);
  }
  throw new Error("expected the event to become due, but the store did not return it within 30 s");
}

/** The settlements that the cases use. */
export const settled: Readonly<Record<"done" | "dead" | "released", Settlement>> = {
  done: { state: "done", delayMs: null, note: null, counts: true, history: null },
  dead: { state: "dead", delayMs: null, note: "gave up", counts: true, history: null },
  released: { state: "retry", delayMs: 0, note: null, counts: false, history: null },
};

/** The settlement of a failed attempt that is retried after a delay. */
export function retryIn(delayMs: number): Settlement {
  return { state: "retry", delayMs, note: "failed", counts: true, history: null };
}
