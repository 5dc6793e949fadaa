import { Refusal } from "../errors/refusal.ts";
import { isPromiseLike } from "../lib/maybe-promise.ts";
import { withTimeout } from "../lib/with-timeout.ts";
import { type Handler, handlerRun } from "./handlers.ts";
import { idempotencyKeyOf, memoryKeyOf } from "./idempotency-key.ts";
import type { Deliver, Outcome } from "./inbox.ts";
import { RecentKeys } from "./recent-keys.ts";

/** How many finished events are remembered at least, so that a late duplicate is answered without running its handler again. */
const REMEMBERED = 10_000;

/** The part of an event that delivering needs. */
interface Deliverable {
  readonly event: string;
  readonly eventId?: string | undefined;
}

/**
 * Creates the delivery without an inbox: the handler runs before the answer, once per event in this process.
 *
 * A concurrent duplicate is refused, because the first run may still fail. A repeat of a finished event is answered with 200. A failed
 * event may be sent again. An event whose handler timed out stays busy until the handler settles. Finished events are
 * remembered in memory only: across restarts and processes, use an inbox.
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
    const idempotencyKey = await idempotencyKeyOf(event, delivery.body);
    const key = await memoryKeyOf(idempotencyKey);
    if (busy.has(key))
      return new Refusal("DELIVERY_BUSY", "This event is being handled right now: send it again later.");
    if (handled.has(key)) return { status: "duplicate" };
    // Handlers that timed out and never settle would otherwise pile up unnoticed.
    if (busy.size >= maxInFlight) return new Refusal("OVERLOADED", "Too many handlers are running (`maxInFlight`).");

    busy.add(key);
    const run = handlerRun(idempotencyKey, delivery.body);
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
      return withTimeout(settled, handlerTimeoutMs, () => {
        const late = new Refusal(
          "HANDLER_FAILED",
          `The handler took longer than ${handlerTimeoutMs} ms (\`handlerTimeoutMs\`).`,
        );
        run.abort(late.toError());
        context.waitUntil?.(settled);
        return late;
      });
    } catch (cause) {
      return ended(failed(cause));
    }
  };
}

const HANDLED: Outcome = { status: "handled" };

function failed(cause: unknown): Refusal {
  return new Refusal("HANDLER_FAILED", "The handler failed.", { cause });
}
