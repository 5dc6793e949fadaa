import type { Deliver } from "./deliver.ts";
import { deliverInProcess } from "./deliver.ts";
import type { AnyEvent, Catalog } from "./event.ts";
import { events } from "./events.ts";
import type { Handler } from "./handlers.ts";
import type { Inbox } from "./inbox.ts";
import type { ReadLimits } from "./limits.ts";
import { readLimits } from "./limits.ts";
import type { CreateReceiverOptions, ReceiverOptions } from "./receiver-options.ts";
import { WebhookError } from "./webhook-error.ts";

/** The options of a receiver, checked and with every default filled in. */
export interface Plan
  extends Pick<ReceiverOptions<Catalog>, "secret" | "scheme" | "maxAgeSeconds" | "onError" | "onDelivery"> {
  readonly catalog: Catalog;
  readonly limits: ReadLimits;
  readonly maxInFlight: number;
  readonly now: () => number;
  readonly deliver: Deliver<AnyEvent>;
  readonly reject: Inbox["reject"] | undefined;
}

/** The longest delay that timers take; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Checks what can be checked before the first delivery. A missing secret is not: it is asked for with each
 * delivery, so that an app can be built where there is none.
 */
export function planOf(options: CreateReceiverOptions<Catalog>): Plan {
  const limits = readLimits(options);
  const { handlerTimeoutMs = 25_000, maxInFlight = 1_000, maxAgeSeconds, inbox } = options;
  demandNumber("maxBytes", limits.maxBytes, Number.MAX_SAFE_INTEGER);
  demandNumber("bodyTimeoutMs", limits.bodyTimeoutMs, MAX_TIMER_MS);
  demandNumber("handlerTimeoutMs", handlerTimeoutMs, MAX_TIMER_MS);
  demandNumber("maxInFlight", maxInFlight, Number.MAX_SAFE_INTEGER);
  if (maxAgeSeconds !== undefined) demandNumber("maxAgeSeconds", maxAgeSeconds, Number.MAX_SAFE_INTEGER);
  if (options.on !== undefined && inbox !== undefined)
    throw invalid("Both `on` and `inbox` are given: with an inbox, give the handlers to createInbox.");
  const catalog: Catalog = options.catalog ?? inbox?.catalog ?? events;
  if (Object.hasOwn(catalog, "UNRECOGNIZED"))
    throw invalid("`catalog` has an event called UNRECOGNIZED: that name stands for what no catalogue knows.");
  return {
    ...options,
    catalog,
    limits,
    maxInFlight,
    now: options.now ?? Date.now,
    deliver:
      inbox === undefined
        ? deliverInProcess(handlersOf(options.on, catalog), { handlerTimeoutMs, maxInFlight })
        : (...args) => inbox.deliver(...args),
    reject: inbox && ((...args) => inbox.reject(...args)),
  };
}

/** Own properties only: an event may be called `constructor`. */
function handlersOf(on: unknown, catalog: Catalog): (event: AnyEvent) => Handler<AnyEvent> | undefined {
  if (typeof on !== "object" || on === null)
    throw invalid("Neither `on` nor `inbox` is given: pass your handlers by event name as `on`.");
  const handlers = new Map<string, Handler<AnyEvent>>();
  for (const [name, handler] of Object.entries(on)) {
    if (handler === undefined) continue;
    if (typeof handler !== "function")
      throw invalid(`\`on.${name}\` is no function: expected (event, { signal }) => …`);
    if (name !== "UNRECOGNIZED" && !Object.hasOwn(catalog, name)) {
      throw invalid(
        `\`on.${name}\` would never be called: the catalogue has no such event. Extend it with the option \`catalog\`, or use UNRECOGNIZED.`,
      );
    }
    handlers.set(name, (event, context) => handler(event, context));
  }
  return (event) => handlers.get(event.event);
}

function demandNumber(option: string, value: unknown, max: number): void {
  if (Number.isInteger(value) && Number(value) > 0 && Number(value) <= max) return;
  throw invalid(`\`${option}\` must be a whole number from 1 to ${max}.`);
}

function invalid(message: string): WebhookError {
  return new WebhookError("CONFIG_INVALID", message);
}
