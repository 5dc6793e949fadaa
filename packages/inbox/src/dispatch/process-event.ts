import { WebhookError } from "@popp-webhooks/core";
import type { Plan } from "../inbox-config.ts";
import type { Transition } from "../inbox-options.ts";
import { backoffMs } from "../lib/backoff.ts";
import { noteOf, unescapeText } from "../lib/escape-text.ts";
import type { ClaimedEvent, EventState, Settlement } from "../ports/store.ts";
import { GIVEN_BACK } from "../stores/release-claims.ts";
import { HeldLease } from "./lease.ts";
import { type HandleEnd, handle } from "./run-handler.ts";
import type { Release } from "./shutdown-signal.ts";

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
  const held = new HeldLease(plan, lease, claimedAtMs);
  let startedAtMs = claimedAtMs;
  const end = await inTurn(claimed.orderKey, () => {
    startedAtMs = plan.clock.now();
    return handle(plan, claimed, held, release);
  });
  const durationMs = plan.clock.now() - startedAtMs;
  const settlement = settlementOf(plan, claimed, end);
  const isSettled =
    settlement !== undefined && (isCommitted(end) || (await settle(plan, claimed, settlement, held, release)));
  held.letGo();
  if (!isSettled) return undefined;
  const { state, note } = settlement;
  tellFailure(plan, about, end);
  plan.tell({
    ...about,
    ...{ state, durationMs },
    ...(note !== null && { note: unescapeText(note) }),
    ...("error" in end && { error: end.error }),
  });
  return state;
}

/** Tells `onError` of a handler that failed, or that could not be given its event. */
function tellFailure(
  plan: Plan,
  { eventName, attempt }: Pick<Transition, "eventName" | "attempt">,
  end: HandleEnd,
): void {
  if (end.kind === "unfit") plan.fail(end.error);
  else if ("error" in end) {
    const message = `The handler of ${eventName} failed at attempt ${attempt}.`;
    plan.fail(new WebhookError("HANDLER_FAILED", message, { cause: end.error }));
  }
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
      return GIVEN_BACK;
    case "unfit":
      // No attempt would end otherwise, before the catalogue or the handlers have changed.
      return { state: "dead", delayMs: null, note: noteOf(end.error), counts: true };
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

/** Tells the store, again and again while it is out of reach, as long as the event is ours; only once when the process must go. */
async function settle(
  { store, clock, fail }: Plan,
  claimed: ClaimedEvent,
  settlement: Settlement,
  held: HeldLease,
  release: Release,
): Promise<boolean> {
  for (let attempt = 1; !held.isLost; attempt++) {
    const isLast = release.hasCome;
    try {
      return (
        (await store.settle(held.lease, settlement)) || (attempt > 1 && (await isLeft(store, claimed, settlement)))
      );
    } catch (error) {
      fail(error);
    }
    if (isLast) break;
    await release.orAfter(backoffMs(attempt, SETTLE_BACKOFF, clock.random), clock);
  }
  return false;
}

/** Whether an earlier attempt, whose answer did not come, has left the event as it should be. */
async function isLeft(store: Plan["store"], { key, fence }: ClaimedEvent, { state }: Settlement): Promise<boolean> {
  const stored = await store.get(key);
  return stored?.state === state && stored.fence === fence;
}
