import { assumeVerified, parseEvent } from "@popp-webhooks/core";
import { idempotencyKeyOf } from "./event-key.ts";
import { EventRun, LeaseLost } from "./event-run.ts";
import type { HeldLease } from "./held-lease.ts";
import type { Plan } from "./plan.ts";
import type { Release } from "./release.ts";
import type { ClaimedEvent } from "./store.ts";
import { unescapeText } from "./text.ts";

/** How the handling of a claimed event ended. */
export type HandleEnd =
  | { readonly kind: "done"; readonly note: string | null; readonly isCommitted: boolean }
  | { readonly kind: "failed" | "late"; readonly error: unknown }
  | { readonly kind: "lost" }
  | { readonly kind: "released" };

/**
 * Runs the handler of a claimed event, until it settles, takes too long, its lease is lost, or the process must go.
 *
 * Never rejects. A handler that does not heed its signal goes on unseen, and its result is dropped.
 */
export async function handle(plan: Plan, claimed: ClaimedEvent, held: HeldLease, release: Release): Promise<HandleEnd> {
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
  if (run.isCommitted) return { kind: "done", note: null, isCommitted: true };
  if (end.kind === "lost") run.abort(new LeaseLost());
  if (end.kind === "released")
    run.abort(new Error("The process is shutting down: the event will be handled by another."));
  if (end.kind === "late") run.abort(end.error);
  return end;
}

async function handled(plan: Plan, claimed: ClaimedEvent, run: EventRun): Promise<HandleEnd> {
  const startedAtMs = plan.clock.now();
  try {
    const event = parseEvent(assumeVerified(claimed.body), { catalog: plan.catalog });
    const handler = plan.handlers.get(event.event);
    if (handler === undefined) return { kind: "done", note: "unhandled", isCommitted: false };
    if (await isSuperseded(plan, claimed)) return { kind: "done", note: "superseded", isCommitted: false };
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
      await handler(event, run);
      await run.committed();
    });
    return { kind: "done", note: null, isCommitted: run.isCommitted };
  } catch (error) {
    return { kind: "failed", error };
  } finally {
    plan.latencies.add(plan.clock.now() - startedAtMs);
  }
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
