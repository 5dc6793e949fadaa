import { type Catalog, type EventsOf, isUnrecognized, parseEvent, WebhookError } from "@popp-webhooks/core";
import { idempotencyKeyOf } from "../event/event-key.ts";
import { intactBody } from "../event/intact-body.ts";
import { parseHeaders } from "../event/parse-headers.ts";
import type { InboxConfig } from "../inbox-config.ts";
import type { ClaimedEvent } from "../ports/claims.ts";
import { HandlerRun } from "./handler-context.ts";
import { isRetryLaterError, isUnrecoverable } from "./handler-decisions.ts";
import { type LeaseKeeper, LeaseLostError } from "./lease.ts";
import type { ShutdownSignal } from "./shutdown-signal.ts";

/**
 * How the handling of a claimed event ended. `mismatch`: the event no longer fits the catalog, so its handler was not called. `damaged`: the stored body
 * is not the one that was accepted, so nothing was called. `put-off`: the handler threw a `RetryLaterError`.
 */
export type HandlerOutcome =
  | { readonly kind: "done"; readonly note: string | null; readonly isCommitted: boolean; readonly error?: unknown }
  | { readonly kind: "failed" | "unrecoverable" | "timed-out" | "mismatch" | "damaged"; readonly error: unknown }
  | { readonly kind: "put-off"; readonly delayMs: number; readonly counts: boolean }
  | { readonly kind: "lease-lost" }
  | { readonly kind: "shut-down" };

/**
 * Runs the handler of a claimed event until it settles, times out, loses its lease, or the process shuts down. Never rejects.
 *
 * A handler that ignores its abort signal goes on in the background, and its result is dropped.
 */
export async function runHandler(
  config: InboxConfig,
  claimed: ClaimedEvent,
  { keeper, shutdown }: Pick<Running, "keeper" | "shutdown">,
): Promise<HandlerOutcome> {
  const body = await intactBody(claimed);
  if (body === undefined) return { kind: "damaged", error: new WebhookError("HANDLER_FAILED", BODY_DAMAGED) };
  const run = new HandlerRun(
    config.store,
    keeper,
    { ...claimed, body },
    idempotencyKeyOf(claimed.eventId, claimed.hash),
  );
  const outcome = await firstOutcome(config, claimed, { run, keeper, shutdown });
  if (run.isCommitted) return { ...outcome, kind: "done", note: null, isCommitted: true };
  if (outcome.kind === "lease-lost") run.abort(new LeaseLostError());
  if (outcome.kind === "shut-down")
    run.abort(new Error("The process is shutting down. Another process will handle this event."));
  if (outcome.kind === "timed-out") run.abort(outcome.error);
  return outcome;
}

const BODY_DAMAGED =
  "The stored body is not the one that was accepted: its hash differs. The handler was not called, and the event is dead. Find out what changed the store, restore the body from a backup or ask the sender for the event, then redrive it.";

interface Running {
  readonly run: HandlerRun;
  readonly keeper: LeaseKeeper;
  readonly shutdown: ShutdownSignal;
}

/** Resolves with whatever ends the run first, and then removes the timer and the listener. */
async function firstOutcome(
  config: InboxConfig,
  claimed: ClaimedEvent,
  { run, keeper, shutdown }: Running,
): Promise<HandlerOutcome> {
  const { clock, handlerTimeoutMs } = config;
  let [cancelTimeout, removeListener] = [() => {}, () => {}];
  const outcome = await new Promise<HandlerOutcome>((resolve) => {
    cancelTimeout = clock.after(handlerTimeoutMs, () =>
      resolve({ kind: "timed-out", error: new HandlerTimeoutError(handlerTimeoutMs) }),
    );
    removeListener = shutdown.listen(() => resolve({ kind: "shut-down" }));
    void keeper.lost.then(() => resolve({ kind: "lease-lost" }));
    void callHandler(config, claimed, run).then(resolve);
  });
  cancelTimeout();
  removeListener();
  return outcome;
}

async function callHandler(config: InboxConfig, claimed: ClaimedEvent, run: HandlerRun): Promise<HandlerOutcome> {
  try {
    const event = parseEvent(run.body, { catalog: config.catalog });
    const handler = config.handlers?.get(event.event);
    if (handler === undefined) return withoutHandler(config, event);
    if (await isSuperseded(config, claimed)) return { kind: "done", note: "superseded", isCommitted: false };
    run.signal.throwIfAborted();
    const span = {
      operation: "process",
      eventName: claimed.name,
      eventId: claimed.eventId,
      headers: parseHeaders(claimed.headers),
      source: config.source,
      bodyBytes: claimed.body.byteLength,
      attempt: run.attempt,
    } as const;
    await config.telemetry.span(span, async () => {
      const startedAtMs = config.clock.now();
      try {
        await handler(event, run);
        await run.committed();
      } finally {
        config.latencies.add(config.clock.now() - startedAtMs);
      }
    });
    return { kind: "done", note: null, isCommitted: run.isCommitted };
  } catch (error) {
    if (isRetryLaterError(error)) return { kind: "put-off", delayMs: error.delayMs, counts: error.counts === true };
    return { kind: isUnrecoverable(error) ? "unrecoverable" : "failed", error };
  }
}

/**
 * Tells an event that has no handler on purpose from one whose data no longer fits the catalog: only the second must not be marked as done.
 * A body that is not an event has no handler on purpose, whatever its name: it may be a test delivery.
 */
function withoutHandler({ handlers }: InboxConfig, event: EventsOf<Catalog>): HandlerOutcome {
  if (!isUnrecognized(event) || event.reason !== "mismatch" || !handlers?.has(event.name))
    return { kind: "done", note: "unhandled", isCommitted: false };
  const { name, issues } = event;
  const places = issues.map(({ path, expected, received }) => `${path}: expected ${expected}, received ${received}`);
  const message = `The handler of ${name} was not called, because the event does not fit the catalog, and there is no UNRECOGNIZED handler. Correct the catalog and redrive the event. ${places.join("; ")}.`;
  return { kind: "mismatch", error: new WebhookError("PAYLOAD_INVALID", message, { issues }) };
}

async function isSuperseded({ store }: InboxConfig, { orderKey, orderAtMs }: ClaimedEvent): Promise<boolean> {
  if (orderKey === null || orderAtMs === null) return false;
  const newest = await store.newestDone(orderKey);
  return newest !== null && newest > orderAtMs;
}

/** The reason of an aborted handler signal when the handler took longer than `handlerTimeoutMs`. */
export class HandlerTimeoutError extends Error {
  /** Identifies the class where `instanceof` fails, as between two copies of this package. */
  override readonly name = "HandlerTimeoutError";

  constructor(handlerTimeoutMs: number) {
    super(`The handler took longer than ${handlerTimeoutMs} ms (\`handlerTimeoutMs\`).`);
  }
}
