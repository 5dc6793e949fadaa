import { assumeVerified, type Catalog, type EventsOf, parseEvent, WebhookError } from "@popp-webhooks/core";
import type { Plan } from "../inbox-config.ts";
import { unescapeText } from "../lib/escape-text.ts";
import { idempotencyKeyOf } from "../lib/event-key.ts";
import { isUnrecognized } from "../lib/unrecognized.ts";
import type { ClaimedEvent } from "../ports/store.ts";
import { EventRun, LeaseLost } from "./handler-context.ts";
import type { HeldLease } from "./lease.ts";
import type { Release } from "./shutdown-signal.ts";

/** How the handling of a claimed event ended. */
export type HandleEnd =
  | { readonly kind: "done"; readonly note: string | null; readonly isCommitted: boolean; readonly error?: unknown }
  | { readonly kind: "failed" | "late" | "unfit"; readonly error: unknown }
  | { readonly kind: "lost" }
  | { readonly kind: "released" };

/**
 * Runs the handler of a claimed event, until it settles, takes too long, its lease is lost, or the process must go.
 *
 * Never rejects. A handler that does not heed its signal goes on unseen, and its result is dropped.
 */
export async function handle(plan: Plan, claimed: ClaimedEvent, held: HeldLease, release: Release): Promise<HandleEnd> {
  // It may have waited for its turn until now.
  if (held.isLost) return { kind: "lost" };
  if (release.hasCome) return { kind: "released" };
  const id = claimed.eventId === null ? null : unescapeText(claimed.eventId);
  const run = new EventRun(plan.store, held, claimed, idempotencyKeyOf(id, claimed.hash));
  let cancel = () => {};
  const late = new Promise<HandleEnd>((resolve) => {
    cancel = plan.clock.after(plan.handlerTimeoutMs, () =>
      resolve({ kind: "late", error: new HandlerTimeout(plan.handlerTimeoutMs) }),
    );
  });
  let ignore = () => {};
  const released = new Promise<HandleEnd>((resolve) => {
    ignore = release.listen(() => resolve({ kind: "released" }));
  });
  const end = await Promise.race([
    handled(plan, claimed, run),
    late,
    held.lost.then((): HandleEnd => ({ kind: "lost" })),
    released,
  ]);
  cancel();
  ignore();
  if (run.isCommitted) return { ...end, kind: "done", note: null, isCommitted: true };
  if (end.kind === "lost") run.abort(new LeaseLost());
  if (end.kind === "released")
    run.abort(new Error("The process is shutting down: the event will be handled by another."));
  if (end.kind === "late") run.abort(end.error);
  return end;
}

async function handled(plan: Plan, claimed: ClaimedEvent, run: EventRun): Promise<HandleEnd> {
  try {
    const event = parseEvent(assumeVerified(claimed.body), { catalog: plan.catalog });
    const handler = plan.handlers?.get(event.event);
    if (handler === undefined) return unhandled(plan, event);
    if (await isSuperseded(plan, claimed)) return { kind: "done", note: "superseded", isCommitted: false };
    run.signal.throwIfAborted();
    const [eventName, eventId, headers] = [
      unescapeText(claimed.name),
      claimed.eventId && unescapeText(claimed.eventId),
      JSON.parse(claimed.headers),
    ];
    const span = {
      operation: "process",
      eventName,
      eventId,
      headers,
      source: plan.source,
      bodyBytes: claimed.body.byteLength,
      attempt: run.attempt,
    } as const;
    await plan.telemetry.span(span, async () => {
      const startedAtMs = plan.clock.now();
      try {
        await handler(event, run);
        await run.committed();
      } finally {
        plan.latencies.add(plan.clock.now() - startedAtMs);
      }
    });
    return { kind: "done", note: null, isCommitted: run.isCommitted };
  } catch (error) {
    return { kind: "failed", error };
  }
}

/** Nobody takes the event: on purpose, or because it no longer fits what its handler takes. The latter must not pass for the former. */
function unhandled({ handlers }: Plan, event: EventsOf<Catalog>): HandleEnd {
  if (!isUnrecognized(event) || !handlers?.has(event.name))
    return { kind: "done", note: "unhandled", isCommitted: false };
  const { name, issues } = event;
  const places = issues.map(({ path, expected, received }) => `${path}: expected ${expected}, received ${received}`);
  const message = `${name} does not fit the catalogue, so that its handler cannot take it, and there is none for UNRECOGNIZED: ${places.join("; ")}.`;
  return { kind: "unfit", error: new WebhookError("PAYLOAD_INVALID", message, { issues }) };
}

async function isSuperseded({ store }: Plan, { orderKey, orderAtMs }: ClaimedEvent): Promise<boolean> {
  if (orderKey === null || orderAtMs === null) return false;
  const newest = await store.newestDone(orderKey);
  return newest !== null && newest > orderAtMs;
}

/** Why a handler's signal is aborted: it took too long. */
export class HandlerTimeout extends Error {
  /** Tells it apart where `instanceof` cannot. */
  override readonly name = "HandlerTimeout";

  constructor(handlerTimeoutMs: number) {
    super(`The handler took longer than ${handlerTimeoutMs} ms (\`handlerTimeoutMs\`).`);
  }
}
