import { backoffMs } from "./backoff.ts";
import { type HandleEnd, handle } from "./handle.ts";
import { HeldLease } from "./held-lease.ts";
import type { Plan } from "./plan.ts";
import type { Release } from "./release.ts";
import type { ClaimedEvent, EventState, Lease, Settlement } from "./store.ts";
import { noteOf, unescapeText } from "./text.ts";

/** Between attempts to tell the store how an event ended. */
const SETTLE_BACKOFF = { baseMs: 100, maxMs: 5_000 };

/** What a process knows of a claim that it made. */
export interface Claim {
  /** What was claimed. */
  readonly claimed: ClaimedEvent;
  /** The token it was claimed with. */
  readonly token: string;
  /** When, by this process's clock: before the claim was sent. */
  readonly claimedAtMs: number;
  /** Comes when the process must give the event back. */
  readonly release: Release;
  /** Lets events of one order run one after another. */
  readonly inTurn: (orderKey: string | null, run: () => Promise<HandleEnd>) => Promise<HandleEnd>;
}

/** Takes a claimed event from its claim to its settlement, and says where it stands then; undefined when it was lost. Never rejects. */
export async function processEvent(plan: Plan, claim: Claim): Promise<EventState | undefined> {
  const { claimed, token, claimedAtMs, release, inTurn } = claim;
  const about = {
    eventId: claimed.eventId === null ? null : unescapeText(claimed.eventId),
    eventName: unescapeText(claimed.name),
    attempt: claimed.attempts,
  };
  if (claimed.state === "dead") {
    plan.tell({ ...about, state: "dead", note: "abandoned" });
    return "dead";
  }
  plan.tell({ ...about, state: "processing" });
  const lease = { key: claimed.key, token };
  const held = new HeldLease(plan.store, lease, plan.leaseMs, plan.clock, claimedAtMs);
  const startedAtMs = plan.clock.now();
  const end = await inTurn(claimed.orderKey, () => handle(plan, claimed, held, release));
  const durationMs = plan.clock.now() - startedAtMs;
  const settlement = settlementOf(plan, claimed, end);
  const isSettled = settlement !== undefined && (isCommitted(end) || (await settle(plan, lease, settlement, held)));
  held.letGo();
  if (!isSettled) return undefined;
  const { state, note } = settlement;
  const error = "error" in end ? { error: end.error } : {};
  plan.tell({ ...about, state, durationMs, ...(note !== null && { note: unescapeText(note) }), ...error });
  return state;
}

function isCommitted(end: HandleEnd): boolean {
  return end.kind === "done" && end.isCommitted;
}

/** What becomes of the event; nothing when it is somebody else's by now. */
function settlementOf(plan: Plan, { attempts }: ClaimedEvent, end: HandleEnd): Settlement | undefined {
  switch (end.kind) {
    case "lost":
      return undefined;
    case "released":
      return { state: "retry", delayMs: 0, note: null, counts: false };
    case "done":
      return { state: "done", delayMs: null, note: end.note, counts: true };
    case "late":
    case "failed": {
      const note = noteOf(end.error);
      if (attempts >= plan.maxAttempts) return { state: "dead", delayMs: null, note, counts: true };
      return { state: "retry", delayMs: backoffMs(attempts, plan.backoff, plan.clock.random), note, counts: true };
    }
  }
}

/** Tells the store, again and again while it is out of reach, as long as the event is ours. */
async function settle(plan: Plan, lease: Lease, settlement: Settlement, held: HeldLease): Promise<boolean> {
  for (let attempt = 1; !held.isLost; attempt++) {
    try {
      return await plan.store.settle(lease, settlement);
    } catch (error) {
      plan.fail(error);
      const delayMs = backoffMs(attempt, SETTLE_BACKOFF, plan.clock.random);
      await new Promise<void>((resolve) => void plan.clock.after(delayMs, resolve));
    }
  }
  return false;
}
