import { type EventReport, WebhookError } from "@popp-webhooks/core";
import type { InboxConfig } from "../inbox-config.ts";
import { backoffMs } from "../lib/backoff.ts";
import { wholeMs } from "../lib/whole-ms.ts";
import type { ClaimedEvent, Settlement } from "../ports/claims.ts";
import type { EventState } from "../ports/event-state.ts";
import { appendAttempt } from "../records/append-attempt.ts";
import { lastRedriveMs } from "../records/history.ts";
import { RELEASED } from "../stores/release-claims.ts";
import { describeThrown } from "./describe-thrown.ts";
import { MAX_PUT_OFF_MS } from "./handler-decisions.ts";
import { LeaseKeeper } from "./lease.ts";
import { type HandlerOutcome, runHandler } from "./run-handler.ts";
import type { ShutdownSignal } from "./shutdown-signal.ts";

/** The delays between attempts to settle an event in the store. */
const SETTLE_BACKOFF = { baseMs: 100, maxMs: 5_000, growth: 2 };

/** The note of an event whose handler threw a `RetryLaterError`. */
const PUT_OFF = "put off";

/** A claimed event, and what its handling needs to know of the claim and the process. */
export interface Claim {
  readonly claimed: ClaimedEvent;
  /** The token it was claimed with. */
  readonly token: string;
  /** A time before the claim was sent, by this process's clock. */
  readonly claimedAtMs: number;
  /** Fires when the process must give the event back. */
  readonly shutdown: ShutdownSignal;
}

/** Handles a claimed event and settles it. Resolves with its new state, or undefined when the lease was lost. Never rejects. */
export async function processEvent(config: InboxConfig, claim: Claim): Promise<EventState | undefined> {
  try {
    return await processClaimed(config, claim);
  } catch (cause) {
    const message = "The event could not be handled. It is tried again when its lease has ended.";
    config.reportError(new WebhookError("INTERNAL", message, { cause }), reportOf(claim.claimed, "processing"));
    return undefined;
  }
}

async function processClaimed(config: InboxConfig, claim: Claim): Promise<EventState | undefined> {
  const { claimed, token, claimedAtMs, shutdown } = claim;
  const { eventId, name: eventName, recordId, attempts: attempt } = claimed;
  const about = { eventId, eventName, ...(recordId !== null && { recordId }), attempt };
  if (claimed.state === "dead") {
    config.reportTransition({ ...about, state: "dead", note: "abandoned" });
    config.reportError(new WebhookError("HANDLER_FAILED", abandonedAfter(claimed.crashes)), reportOf(claimed, "dead"));
    return "dead";
  }
  config.reportTransition({ ...about, state: "processing" });
  const keeper = new LeaseKeeper(config, { key: claimed.key, token }, claimedAtMs);
  try {
    const startedAtMs = config.clock.now();
    const outcome = await runHandler(config, claimed, { keeper, shutdown });
    const durationMs = config.clock.now() - startedAtMs;
    const settlement = settlementOf(config, claimed, { outcome, durationMs });
    const isSettled =
      settlement !== undefined &&
      (isCommitted(outcome) || (await settle(config, { claimed, settlement, keeper, shutdown })));
    if (!isSettled) return undefined;
    const { state, note } = settlement;
    reportFailure(config, { claimed, settlement, outcome });
    config.reportTransition({
      ...about,
      ...{ state, durationMs },
      ...(note !== null && { note }),
      ...("error" in outcome && { error: outcome.error }),
    });
    return state;
  } finally {
    keeper.stop();
  }
}

/** Tells the operator that a handler failed, or that an event no longer fits its handler. */
function reportFailure(
  { maxAttempts, reportError }: InboxConfig,
  {
    claimed,
    settlement,
    outcome,
  }: { readonly claimed: ClaimedEvent; readonly settlement: Settlement; readonly outcome: HandlerOutcome },
): void {
  if (!("error" in outcome)) return;
  const { state, delayMs } = settlement;
  const about = reportOf(claimed, state);
  const message = `The handler failed at attempt ${countedAttempts(claimed)} of ${maxAttempts}. ${NEXT[state](delayMs ?? 0)}`;
  const failure = new WebhookError("HANDLER_FAILED", message, { cause: outcome.error });
  reportError(outcome.kind === "mismatch" || outcome.kind === "damaged" ? outcome.error : failure, about);
}

const NEXT: Readonly<Record<Settlement["state"], (delayMs: number) => string>> = {
  retry: (delayMs) => `The event is tried again in ${Math.ceil(delayMs / 1_000)} s.`,
  dead: () => "The event is dead: mend the handler, then redrive it.",
  done: () => "The event is done, because its transaction was committed before.",
};

/** What is known of a claimed event when it has failed. */
function reportOf({ eventId, name, recordId, attempts }: ClaimedEvent, state: EventState): EventReport {
  return {
    eventName: name,
    ...(eventId !== null && { eventId }),
    ...(recordId !== null && { recordId }),
    attempt: attempts,
    state,
  };
}

function isCommitted(outcome: HandlerOutcome): boolean {
  return outcome.kind === "done" && outcome.isCommitted;
}

/** The attempts that count toward `maxAttempts`. Crashes have a limit of their own: `maxCrashes`. */
function countedAttempts({ attempts, crashes }: ClaimedEvent): number {
  return attempts - crashes;
}

/** How a handler ended, and how long it took. */
interface Ended {
  readonly outcome: HandlerOutcome;
  readonly durationMs: number;
}

/** How to settle the event; undefined when another process may hold it. */
function settlementOf(
  config: InboxConfig,
  claimed: ClaimedEvent,
  { outcome, durationMs }: Ended,
): Settlement | undefined {
  switch (outcome.kind) {
    case "lease-lost":
      return undefined;
    case "shut-down":
      return RELEASED;
    case "done":
      return { state: "done", delayMs: null, note: outcome.note, counts: true, history: null };
    default:
      return { ...decide(config, claimed, outcome), history: historyOf(claimed, outcome, durationMs) };
  }
}

type Unsuccessful = Extract<
  HandlerOutcome,
  { readonly kind: "failed" | "unrecoverable" | "timed-out" | "mismatch" | "damaged" | "put-off" }
>;

/** What becomes of an event whose attempt was not successful. */
function decide(config: InboxConfig, claimed: ClaimedEvent, outcome: Unsuccessful): Omit<Settlement, "history"> {
  const attempt = countedAttempts(claimed);
  const isLast = attempt >= config.maxAttempts;
  switch (outcome.kind) {
    case "put-off": {
      const { counts, delayMs } = outcome;
      if (counts ? isLast : isPutOffTooLong(config, claimed))
        return { state: "dead", delayMs: null, note: PUT_OFF, counts: true };
      return { state: "retry", delayMs: wholeMs(Math.min(delayMs, MAX_PUT_OFF_MS)), note: PUT_OFF, counts };
    }
    case "damaged":
      return { state: "dead", delayMs: null, note: "body damaged", counts: true };
    case "unrecoverable":
    // A retry would fail in the same way until the catalog or the handlers change.
    case "mismatch":
      return { state: "dead", delayMs: null, note: describeThrown(outcome.error), counts: true };
    case "timed-out":
    case "failed": {
      const note = describeThrown(outcome.error);
      if (isLast) return { state: "dead", delayMs: null, note, counts: true };
      return { state: "retry", delayMs: wholeMs(config.retryDelayMs(attempt)), note, counts: true };
    }
  }
}

/** Without a limit an event could be put off for ever. All times are by the store's clock. */
function isPutOffTooLong({ keepBodiesMs }: InboxConfig, { claimedAtMs, receivedAtMs, history }: ClaimedEvent): boolean {
  return claimedAtMs - (lastRedriveMs(history) ?? receivedAtMs) > keepBodiesMs;
}

function historyOf(
  { history, attempts, claimedAtMs }: ClaimedEvent,
  outcome: Unsuccessful,
  durationMs: number,
): string {
  const thrown = "error" in outcome && { thrown: outcome.error };
  return appendAttempt(history, { number: attempts, atMs: claimedAtMs, durationMs, outcome: outcome.kind, ...thrown });
}

function abandonedAfter(crashes: number): string {
  return `The event is dead: its process died or lost its lease ${crashes} times. Mend the handler, then redrive it.`;
}

interface Settling {
  readonly claimed: ClaimedEvent;
  readonly settlement: Settlement;
  readonly keeper: LeaseKeeper;
  readonly shutdown: ShutdownSignal;
}

/** Settles the event. Retries while the store fails and the lease holds; once the process shuts down, it tries only one more time. */
async function settle(
  { store, clock, reportError }: InboxConfig,
  { claimed, settlement, keeper, shutdown }: Settling,
): Promise<boolean> {
  for (let attempt = 1; !keeper.isLost; attempt++) {
    const isLast = shutdown.hasFired;
    try {
      return (await store.settle(keeper.lease, settlement)) || (await isSettledAlready(store, claimed, settlement));
    } catch (error) {
      reportError(error, reportOf(claimed, claimed.state));
    }
    if (isLast) break;
    await shutdown.wait(backoffMs(attempt, SETTLE_BACKOFF, clock.random), clock);
  }
  return false;
}

/** Whether an earlier attempt, of the inbox or within the store, has settled the event although its answer was lost. */
async function isSettledAlready(
  store: InboxConfig["store"],
  { key, fence }: ClaimedEvent,
  { state }: Settlement,
): Promise<boolean> {
  const stored = await store.get(key);
  return stored?.state === state && stored.fence === fence;
}
