import { type Catalog, type EventsOf, events, type Handler, isWebhookError, WebhookError } from "@popp-webhooks/core";
import type { CreateInboxOptions, InboxHandlerContext, Transition } from "./inbox-options.ts";
import type { BackoffLimits } from "./lib/backoff.ts";
import { assertCount } from "./lib/check-option.ts";
import { type Clock, MAX_TIMER_MS, systemClock } from "./lib/clock.ts";
import type { InboxStore } from "./ports/store.ts";
import { noTelemetry, safeTelemetry, type Telemetry } from "./ports/telemetry.ts";
import type { WakeQueue } from "./ports/wake-queue.ts";
import { withEscapedText } from "./stores/escaped-text.ts";
import { withDeadline } from "./stores/with-deadline.ts";
import { Latencies } from "./telemetry/latencies.ts";

type AnyEvent = EventsOf<Catalog>;
/** The type of a transaction inside the inbox. Only the user's code knows which type its store gives. */
export type AnyTx = never;

/** The options of an inbox, checked and with defaults. */
export interface InboxConfig extends Pick<CreateInboxOptions<Catalog>, "order" | "onConflict"> {
  readonly store: InboxStore<AnyTx>;
  readonly catalog: Catalog;
  /** Undefined with `on: "elsewhere"`. */
  readonly handlers: ReadonlyMap<string, Handler<AnyEvent, InboxHandlerContext<AnyTx>>> | undefined;
  readonly source: string;
  readonly queue: WakeQueue | undefined;
  readonly wakeGraceMs: number;
  readonly concurrency: number;
  readonly pollMs: number;
  readonly leaseMs: number;
  readonly handlerTimeoutMs: number;
  readonly maxAttempts: number;
  readonly backoff: BackoffLimits;
  readonly keepBodiesMs: number;
  readonly keepEventsMs: number;
  readonly maxRejected: number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly latencies: Latencies;
  readonly reportTransition: (transition: Transition) => void;
  readonly reportError: (error: unknown) => void;
}

const DAY_MS = 86_400_000;

/**
 * Checks the options and fills in the defaults.
 *
 * @throws WebhookError `CONFIG_INVALID` when an option is not usable
 */
export function resolveOptions(options: CreateInboxOptions<Catalog, AnyTx>): InboxConfig {
  const { concurrency = 16, pollMs = 1_000, leaseMs = 30_000, handlerTimeoutMs = 300_000, maxAttempts = 8 } = options;
  const { retryBaseMs = 1_000, retryMaxMs = 3_600_000, storeTimeoutMs = 2_000, wakeGraceMs = 30_000 } = options;
  const { keepBodiesDays = 30, keepEventsDays = 400, maxRejected = 10_000, source = "popp", queue } = options;
  const counts = { concurrency, maxAttempts, maxRejected };
  for (const [option, value] of Object.entries(counts)) assertCount("createInbox", option, value);
  const times = { pollMs, leaseMs, handlerTimeoutMs, retryBaseMs, retryMaxMs, storeTimeoutMs, wakeGraceMs };
  for (const [option, value] of Object.entries({ ...times, keepBodiesDays, keepEventsDays })) {
    if (!(value >= 1) || value > MAX_TIMER_MS)
      throw invalid(`\`${option}\`: expected a number from 1 to ${MAX_TIMER_MS}`);
  }
  if (typeof options.store?.accept !== "function")
    throw invalid('`store`: expected a store, such as sqliteStore("popp.db")');
  if (queue !== undefined && typeof queue.enqueue !== "function")
    throw invalid("`queue`: expected a queue, such as bullmqQueue(queue) of @popp-webhooks/queues/bullmq");
  if (source === "" || source.includes("\0")) throw invalid("`source`: expected a name");
  const { catalog = events, onConflict, onTransition, onError, order, clock = systemClock } = options;
  return {
    ...{ source, catalog, concurrency, pollMs, leaseMs, handlerTimeoutMs, maxAttempts, maxRejected, clock },
    ...{ queue, wakeGraceMs },
    ...(order && { order }),
    ...(onConflict && { onConflict }),
    store: withEscapedText(withDeadline(options.store, storeTimeoutMs, clock)),
    handlers: handlersOf(options.on, catalog),
    backoff: { baseMs: retryBaseMs, maxMs: retryMaxMs },
    // A body is never kept longer than its event.
    keepBodiesMs: Math.min(keepBodiesDays, keepEventsDays) * DAY_MS,
    keepEventsMs: keepEventsDays * DAY_MS,
    telemetry: options.telemetry === undefined ? noTelemetry : safeTelemetry(options.telemetry),
    latencies: new Latencies(),
    reportTransition: (transition) => swallow(() => onTransition?.(transition)),
    reportError: (error) => swallow(() => onError?.(failureOf(error))),
  };
}

/** The handlers by event name. A map of own properties, because an event may be named `constructor`. */
function handlersOf(on: unknown, catalog: Catalog): InboxConfig["handlers"] {
  if (on === "elsewhere") return undefined;
  if (!isPlainObject(on))
    throw invalid(
      '`on`: expected an object of handlers by event name, or "elsewhere" when another process handles the events',
    );
  const handlers = new Map<string, Handler<AnyEvent, InboxHandlerContext<AnyTx>>>();
  for (const [name, handler] of Object.entries(on)) {
    if (handler === undefined) continue;
    if (typeof handler !== "function") throw invalid(`\`on.${name}\`: expected a function`);
    if (name !== "UNRECOGNIZED" && !Object.hasOwn(catalog, name))
      throw invalid(`\`on.${name}\`: no such event in \`catalog\`; extend it, or use UNRECOGNIZED`);
    handlers.set(name, (event, context) => handler(event, context));
  }
  return handlers;
}

/** Whether a value is a plain object: the methods of a class and the entries of a Map are not own properties, and would be ignored. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return Object.getPrototypeOf(Object.getPrototypeOf(value) ?? Object.prototype) === null;
}

/** Runs user code and ignores its errors, so that a failing hook cannot fail an event. */
export function swallow(hook: () => unknown): void {
  try {
    Promise.resolve(hook()).catch(() => {});
  } catch {
    // Hooks are called, and their errors are ignored.
  }
}

function failureOf(error: unknown): WebhookError {
  if (isWebhookError(error)) return error;
  return new WebhookError("INTERNAL", "Internal error in the inbox. See the cause.", { cause: error });
}

function invalid(problem: string): WebhookError {
  return new WebhookError("CONFIG_INVALID", `createInbox: ${problem}.`);
}
