import { assumeVerified, type EventReport, parseEvent, WebhookError } from "@popp-webhooks/core";
import type { InboxConfig } from "../inbox-config.ts";
import { backoffMs } from "../lib/backoff.ts";
import { describeThrown } from "../lib/describe-thrown.ts";
import type { ClaimedEvent, Settlement } from "../ports/claims.ts";
import type { EventState } from "../ports/event-state.ts";
import { RELEASED } from "../stores/release-claims.ts";
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
  /** Runs events of the same order one after another. */
  readonly withOrderLock: (orderKey: string | null, run: () => Promise<HandlerOutcome>) => Promise<HandlerOutcome>;
}

/** Handles a claimed event and settles it. Resolves with its new state, or undefined when the lease was lost. Never rejects. */
export async function processEvent(config: InboxConfig, claim: Claim): Promise<EventState | undefined> {
  const { claimed, token, claimedAtMs, shutdown, withOrderLock } = claim;
  const about = { eventId: claimed.eventId, eventName: claimed.name, attempt: claimed.attempts };
  if (claimed.state === "dead") {
    config.reportTransition({ ...about, state: "dead", note: "abandoned" });
    config.reportError(new WebhookError("HANDLER_FAILED", abandonedAfter(claimed.attempts)), reportOf(claimed, "dead"));
    return "dead";
  }
  config.reportTransition({ ...about, state: "processing" });
  const keeper = new LeaseKeeper(config, { key: claimed.key, token }, claimedAtMs);
  let startedAtMs = claimedAtMs;
  const outcome = await withOrderLock(claimed.orderKey, () => {
    startedAtMs = config.clock.now();
    return runHandler(config, claimed, keeper, shutdown);
  });
  const durationMs = config.clock.now() - startedAtMs;
  const settlement = settlementOf(config, claimed, outcome);
  const isSettled =
    settlement !== undefined &&
    (isCommitted(outcome) || (await settle(config, { claimed, settlement, keeper, shutdown })));
  keeper.stop();
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
  const message = `The handler failed at attempt ${claimed.attempts} of ${maxAttempts}. ${NEXT[state](delayMs ?? 0)}`;
  const failure = new WebhookError("HANDLER_FAILED", message, { cause: outcome.error });
  reportError(outcome.kind === "mismatch" ? outcome.error : failure, about);
}

const NEXT: Readonly<Record<Settlement["state"], (delayMs: number) => string>> = {
  retry: (delayMs) => `The event is tried again in ${Math.ceil(delayMs / 1_000)} s.`,
  dead: () => "The event is dead: mend the handler, then redrive it.",
  done: () => "The event is done, because its transaction was committed before.",
};

/** What is known of a claimed event when it has failed. Only failures pay for parsing its body. */
function reportOf({ eventId, name, attempts, body }: ClaimedEvent, state: EventState): EventReport {
  const recordId = recordIdOf(body);
  return {
    eventName: name,
    ...(eventId !== null && { eventId }),
    ...(recordId !== undefined && { recordId }),
    attempt: attempts,
    state,
  };
}

function recordIdOf(body: Uint8Array): string | undefined {
  try {
    const { recordId } = parseEvent(assumeVerified(body)).data;
    return typeof recordId === "string" ? recordId : undefined;
  } catch {
    return undefined;
  }
}

function isCommitted(outcome: HandlerOutcome): boolean {
  return outcome.kind === "done" && outcome.isCommitted;
}

/** How to settle the event; undefined when another process may hold it. */
function settlementOf(
  config: InboxConfig,
  { attempts }: ClaimedEvent,
  outcome: HandlerOutcome,
): Settlement | undefined {
  switch (outcome.kind) {
    case "lease-lost":
      return undefined;
    case "shut-down":
      return RELEASED;
    case "put-off":
      if (outcome.counts && attempts >= config.maxAttempts)
        return { state: "dead", delayMs: null, note: PUT_OFF, counts: true };
      return {
        state: "retry",
        delayMs: Math.min(outcome.delayMs, MAX_PUT_OFF_MS),
        note: PUT_OFF,
        counts: outcome.counts,
      };
    case "unrecoverable":
      return { state: "dead", delayMs: null, note: describeThrown(outcome.error), counts: true };
    case "mismatch":
      // A retry would fail in the same way until the catalog or the handlers change.
      return { state: "dead", delayMs: null, note: describeThrown(outcome.error), counts: true };
    case "done":
      return { state: "done", delayMs: null, note: outcome.note, counts: true };
    case "timed-out":
    case "failed": {
      const note = describeThrown(outcome.error);
      if (attempts >= config.maxAttempts) return { state: "dead", delayMs: null, note, counts: true };
      return { state: "retry", delayMs: config.retryDelayMs(attempts), note, counts: true };
    }
  }
}

function abandonedAfter(attempts: number): string {
  return `The event is dead: its process died or lost its lease in each of ${attempts} attempts. Mend the handler, then redrive it.`;
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
