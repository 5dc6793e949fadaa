import { type Deliver, deliverInProcess } from "./deliver/deliver.ts";
import type { Handler } from "./deliver/handlers.ts";
import type { Inbox } from "./deliver/inbox.ts";
import { WebhookError } from "./errors/webhook-error.ts";
import { events } from "./events/catalog.ts";
import type { AnyEvent, Catalog } from "./events/event.ts";
import { DEFAULT_BODY_TIMEOUT_MS, DEFAULT_MAX_BYTES } from "./read/limits.ts";
import type { CreateReceiverOptions, ReceiverOptions } from "./receiver-options.ts";

/** The options of a receiver, checked and with every default filled in. */
export interface Plan extends Pick<ReceiverOptions<Catalog>, "secret" | "scheme" | "onError" | "onDelivery"> {
  readonly catalog: Catalog;
  readonly maxBytes: number;
  readonly bodyTimeoutMs: number;
  readonly maxInFlight: number;
  readonly maxAgeSeconds: number;
  readonly now: () => number;
  readonly deliver: Deliver<AnyEvent>;
  readonly reject?: Inbox["reject"];
}

/** The longest delay that timers take; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Checks what can be checked before the first delivery. A missing secret is not: it is asked for with each
 * delivery, so that an app can be built where there is none.
 */
export function planOf(options: CreateReceiverOptions<Catalog>): Plan {
  const { maxBytes = DEFAULT_MAX_BYTES, bodyTimeoutMs = DEFAULT_BODY_TIMEOUT_MS, now = Date.now, inbox, on } = options;
  const { handlerTimeoutMs = 25_000, maxInFlight = 1_000, maxAgeSeconds = Number.POSITIVE_INFINITY } = options;
  const numbers = { maxBytes, bodyTimeoutMs, handlerTimeoutMs, maxInFlight, maxAgeSeconds };
  for (const [option, value] of Object.entries(numbers)) {
    if (!(value >= 1) || (option.endsWith("Ms") && value > MAX_TIMER_MS)) {
      throw invalid(`\`${option}\`: expected a number from 1 to ${MAX_TIMER_MS}`);
    }
  }
  const catalog: Catalog = options.catalog ?? inbox?.catalog ?? events;
  if ("UNRECOGNIZED" in catalog) throw invalid("`catalog.UNRECOGNIZED`: the name stands for what no catalogue knows");
  const shared = { ...options, ...numbers, catalog, now };
  if (inbox === undefined) {
    if (!isPlainObject(on)) throw invalid("expected your handlers by event name as `on`, or an `inbox`");
    return { ...shared, deliver: deliverInProcess(handlersOf(on, catalog), numbers) };
  }
  if (on !== undefined) throw invalid("with an `inbox`, give `on` to createInbox");
  return {
    ...shared,
    deliver: (delivery, event, context) => inbox.deliver(delivery, event, context),
    reject: (delivery, error, context) => inbox.reject(delivery, error, context),
  };
}

/** The handlers by name; own properties only, as an event may be called `constructor`. */
function handlersOf(on: object, catalog: Catalog): ReadonlyMap<string, Handler<AnyEvent>> {
  const handlers = new Map<string, Handler<AnyEvent>>();
  for (const [name, handler] of Object.entries(on)) {
    if (handler === undefined) continue;
    if (typeof handler !== "function") throw invalid(`\`on.${name}\`: expected a function`);
    if (name !== "UNRECOGNIZED" && !Object.hasOwn(catalog, name))
      throw invalid(`\`on.${name}\`: no such event in \`catalog\`; extend it, or use UNRECOGNIZED`);
    handlers.set(name, (event, context) => handler(event, context));
  }
  return handlers;
}

/** Whether all it has is its own: handlers that are a class's methods, or in a Map, would never be found. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return Object.getPrototypeOf(Object.getPrototypeOf(value) ?? Object.prototype) === null;
}

function invalid(problem: string): WebhookError {
  return new WebhookError("CONFIG_INVALID", `createReceiver: ${problem}.`);
}
