import { Refusal } from "../errors/refusal.ts";
import { isPromiseLike } from "../lib/maybe-promise.ts";
import type { Handler } from "./handlers.ts";
import { type HandlerRun, handlerRun } from "./handlers.ts";
import { idempotencyKeyOf } from "./idempotency-key.ts";
import type { DeliveryContext, Outcome, VerifiedDelivery } from "./inbox.ts";
import { RecentKeys } from "./recent-keys.ts";

/** Hands an event over: to the user's handlers here, or to an inbox. */
export type Deliver<Event> = (
  delivery: VerifiedDelivery,
  event: Event,
  context: DeliveryContext,
) => Promise<Outcome | Refusal>;

/** How many finished events are remembered at least, so that a late duplicate is answered without running its handler again. */
const REMEMBERED = 10_000;

/** An event as far as delivering it goes. */
interface Deliverable {
  readonly event: string;
  readonly eventId?: string | undefined;
}

/**
 * Makes the delivery without an inbox: the handler runs before the answer, once per event in this process.
 *
 * A concurrent duplicate is held back, because the first run may still fail; a repeat of a finished one is answered; a failed one may be
 * retried. An event whose handler ran out of time stays busy until the handler settles. What was handled is
 * remembered in memory only: across restarts and processes that takes an inbox.
 */
export function deliverInProcess<Event extends Deliverable>(
  handlers: ReadonlyMap<string, Handler<Event>>,
  { handlerTimeoutMs, maxInFlight }: { readonly handlerTimeoutMs: number; readonly maxInFlight: number },
): Deliver<Event> {
  const busy = new Set<string>();
  const handled = new RecentKeys(REMEMBERED);

  return async (delivery, event, context) => {
    const handler = handlers.get(event.event);
    if (handler === undefined) return { status: "unhandled" };
    const key = await idempotencyKeyOf(event, delivery.body);
    if (busy.has(key)) return new Refusal("DELIVERY_BUSY", "This event is being handled right now.");
    if (handled.has(key)) return { status: "duplicate" };
    // Handlers that ran out of time and never settle would otherwise pile up unseen.
    if (busy.size >= maxInFlight) return new Refusal("OVERLOADED", "Too many handlers are running (`maxInFlight`).");

    busy.add(key);
    const run = handlerRun(key);
    const ended = (result: Outcome | Refusal) => {
      busy.delete(key);
      if (!(result instanceof Refusal)) handled.add(key);
      return result;
    };
    try {
      const running = handler(event, run.context);
      if (!isPromiseLike(running)) return ended(HANDLED);
      const settled = Promise.resolve(running).then(
        () => ended(HANDLED),
        (cause: unknown) => ended(failed(cause)),
      );
      return inTime(settled, run, handlerTimeoutMs, context);
    } catch (cause) {
      return ended(failed(cause));
    }
  };
}

const HANDLED: Outcome = { status: "handled" };

function failed(cause: unknown): Refusal {
  return new Refusal("HANDLER_FAILED", "The handler failed.", { cause });
}

/** Waits for the handler, but no longer than it may take; then it is told so, and its delivery fails. */
async function inTime(
  settled: Promise<Outcome | Refusal>,
  run: HandlerRun,
  handlerTimeoutMs: number,
  context: DeliveryContext,
): Promise<Outcome | Refusal> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<Refusal>((resolve) => {
    timer = setTimeout(() => {
      const late = new Refusal(
        "HANDLER_FAILED",
        `The handler took longer than ${handlerTimeoutMs} ms (\`handlerTimeoutMs\`).`,
      );
      resolve(late);
      run.abort(late.toError());
      context.waitUntil?.(settled);
    }, handlerTimeoutMs);
  });
  const first = await Promise.race([settled, deadline]);
  if (timer !== undefined) clearTimeout(timer);
  return first;
}
