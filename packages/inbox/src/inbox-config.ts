import { type Catalog, type EventsOf, events, type Handler, WebhookError } from "@popp-webhooks/core";
import { checkOptions, handlersByName, type OptionRule, quietly } from "@popp-webhooks/core/internal";
import { COUNT, resolveConcurrency } from "./dispatch/resolve-concurrency.ts";
import { subjectFields } from "./event/subject.ts";
import type { CreateInboxOptions, InboxHandlerContext, Transition } from "./inbox-options.ts";
import { type Backoff, backoffMs, longestBackoffs } from "./lib/backoff.ts";
import { type Clock, MAX_TIMER_MS, systemClock } from "./lib/clock.ts";
import { wholeMs } from "./lib/whole-ms.ts";
import type { ClaimRequest } from "./ports/claims.ts";
import type { InboxStore } from "./ports/store.ts";
import { noTelemetry, safeTelemetry, type Telemetry } from "./ports/telemetry.ts";
import type { WakeQueue } from "./ports/wake-queue.ts";
import { Indexer } from "./records/indexer.ts";
import { errorReporter, type ReportError } from "./report-error.ts";
import { withEscapedText } from "./stores/escaped-text.ts";
import { withDeadline } from "./stores/with-deadline.ts";
import { InboxMeter } from "./telemetry/inbox-meter.ts";
import { Latencies } from "./telemetry/latencies.ts";

type AnyEvent = EventsOf<Catalog>;
/** The type of a transaction inside the inbox. Only the user's code knows which type its store gives. */
export type AnyTx = never;

/** Which names are claimed: only these, or all except these. */
type ClaimedNames = Pick<ClaimRequest, "onlyNames" | "exceptNames">;

/** The options of an inbox, checked and with defaults. */
export interface InboxConfig extends Pick<CreateInboxOptions<Catalog>, "order" | "onConflict"> {
  readonly store: InboxStore<AnyTx>;
  readonly catalog: Catalog;
  /** Undefined with `on: "elsewhere"`. */
  readonly handlers: ReadonlyMap<string, Handler<AnyEvent, InboxHandlerContext<AnyTx>>> | undefined;
  readonly source: string;
  readonly queue: WakeQueue | undefined;
  readonly wakeGraceMs: number;
  /** The names that are claimed. */
  readonly claimed: ClaimedNames;
  readonly concurrency: number;
  /** How many handlers of a name run at the same time, for names that have a number of their own. */
  readonly caps: ReadonlyMap<string, number>;
  readonly pollMs: number;
  readonly leaseMs: number;
  readonly handlerTimeoutMs: number;
  readonly maxAttempts: number;
  readonly maxCrashes: number;
  /** How long to wait after an attempt that failed, by the number of attempts without crashes. */
  readonly retryDelayMs: (attempt: number) => number;
  /** How long to wait after each crash; the last one is for all further crashes. */
  readonly crashWaitsMs: readonly number[];
  readonly alarmAfterMs: number;
  readonly keepBodiesMs: number;
  readonly keepDeadMs: number;
  readonly keepEventsMs: number;
  readonly maxRejected: number;
  /** The fields that events are found by. */
  readonly subjectFields: ReadonlySet<string>;
  /** Indexes the events that were stored without an index. */
  readonly indexer: Indexer;
  readonly clock: Clock;
  readonly telemetry: Required<Telemetry>;
  readonly meter: InboxMeter;
  readonly latencies: Latencies;
  readonly reportTransition: (transition: Transition) => void;
  readonly reportError: ReportError;
}

const DAY_MS = 86_400_000;

const TIME: OptionRule = { min: 1, max: MAX_TIMER_MS };
const hasMethods = (value: unknown, ...names: readonly string[]) =>
  names.every((name) => typeof Reflect.get(Object(value), name) === "function");

const RULES = {
  store: {
    expected: 'a store, such as sqliteStore("popp.db")',
    accepts: (store: unknown) => hasMethods(store, "accept", "claim", "settle"),
  },
  catalog: "object",
  queue: {
    expected: "a queue, such as bullmqQueue(queue) of @popp-webhooks/queues/bullmq",
    accepts: (queue: unknown) => hasMethods(queue, "enqueue"),
  },
  source: {
    expected: "a name without NUL",
    accepts: (source: unknown) => typeof source === "string" && source !== "" && !source.includes("\0"),
  },
  unhandled: {
    expected: '"done" or "leave"',
    accepts: (unhandled: unknown) => unhandled === "done" || unhandled === "leave",
  },
  maxAttempts: COUNT,
  maxCrashes: COUNT,
  maxRejected: COUNT,
  wakeGraceMs: TIME,
  pollMs: TIME,
  leaseMs: TIME,
  handlerTimeoutMs: TIME,
  retryBaseMs: TIME,
  retryMaxMs: TIME,
  retryDelayMs: "function",
  storeTimeoutMs: TIME,
  alarmAfterMs: TIME,
  keepBodiesDays: { min: 1 },
  keepDeadDays: { min: 1 },
  keepEventsDays: { min: 1 },
  identifyingFields: {
    expected: "a list of field names",
    accepts: (names: unknown) => Array.isArray(names) && names.every((name) => typeof name === "string" && name !== ""),
  },
  order: { expected: "an order, such as latestOnly(…)", accepts: (order: unknown) => hasMethods(order, "keyOf") },
  onConflict: {
    expected: '"reject" or a function',
    accepts: (onConflict: unknown) => onConflict === "reject" || typeof onConflict === "function",
  },
  onTransition: "function",
  onError: "function",
  telemetry: { expected: "a telemetry, such as openTelemetry()", accepts: (it: unknown) => hasMethods(it, "span") },
  clock: {
    expected: "a clock with now, after and random",
    accepts: (it: unknown) => hasMethods(it, "now", "after", "random"),
  },
} as const;

/**
 * Checks the options and fills in the defaults.
 *
 * @throws WebhookError `CONFIG_INVALID` when an option is not usable
 */
export function resolveOptions(options: CreateInboxOptions<Catalog, AnyTx>): InboxConfig {
  // A store that is absent is as unusable as one that is none.
  checkOptions(
    "createInbox",
    typeof options === "object" && options ? { ...options, store: options.store ?? null } : options,
    RULES,
  );
  if (options.retryDelayMs && (options.retryBaseMs ?? options.retryMaxMs) !== undefined)
    throw new WebhookError(
      "CONFIG_INVALID",
      "createInbox: `retryDelayMs` replaces `retryBaseMs` and `retryMaxMs`: give it alone.",
    );
  const { pollMs = 1_000, leaseMs = 30_000, handlerTimeoutMs = 300_000, maxAttempts = 55, maxCrashes = 8 } = options;
  const { storeTimeoutMs = 2_000, wakeGraceMs = 30_000, maxRejected = 10_000 } = options;
  // A healthy process may have all its handlers busy for that long.
  const { alarmAfterMs = Math.max(300_000, handlerTimeoutMs + leaseMs) } = options;
  const { keepBodiesDays = 30, keepDeadDays = 400, keepEventsDays = 400, source = "popp", queue } = options;
  const { catalog = events, onConflict, onTransition, onError, order, clock = systemClock } = options;
  const reportError = errorReporter(source, onError);
  const store = withEscapedText(withDeadline(options.store, storeTimeoutMs, clock, reportError));
  const fields = subjectFields(options.identifyingFields ?? []);
  const telemetry = options.telemetry === undefined ? noTelemetry : safeTelemetry(options.telemetry);
  const meter = new InboxMeter({ telemetry, source, catalog, clock });
  const handlers = handlersOf(options.on, catalog);
  return {
    ...{ source, catalog, handlers, pollMs, handlerTimeoutMs, maxAttempts, maxCrashes, maxRejected, clock },
    ...{ queue, reportError, telemetry, meter },
    ...{ leaseMs: wholeMs(leaseMs), wakeGraceMs: wholeMs(wakeGraceMs), alarmAfterMs: wholeMs(alarmAfterMs) },
    ...resolveConcurrency(options.concurrency, catalog),
    claimed: claimedNames(options.unhandled ?? "done", { handlers, catalog }),
    ...(order && { order }),
    ...(onConflict && { onConflict }),
    store,
    subjectFields: fields,
    indexer: new Indexer({ store, source, subjectFields: fields, clock, reportError }),
    retryDelayMs: retryPolicyOf(options, clock, reportError),
    crashWaitsMs: longestBackoffs(maxCrashes, backoffOf(options)),
    // A body is never kept longer than its event.
    keepBodiesMs: wholeMs(Math.min(keepBodiesDays, keepEventsDays) * DAY_MS),
    keepDeadMs: wholeMs(keepDeadDays * DAY_MS),
    keepEventsMs: wholeMs(keepEventsDays * DAY_MS),
    latencies: new Latencies(),
    reportTransition: (transition) => {
      meter.changed(transition);
      quietly(() => onTransition?.(transition));
    },
  };
}

function handlersOf(on: unknown, catalog: Catalog): InboxConfig["handlers"] {
  const handlers = handlersByName<InboxHandlerContext<AnyTx>>("createInbox", on === "elsewhere" ? {} : on, catalog);
  return on === "elsewhere" ? undefined : handlers;
}

/** With `unhandled: "leave"` only names that have a handler. `UNRECOGNIZED` is the handler of every name that the catalog does not have. */
function claimedNames(
  unhandled: "done" | "leave",
  { handlers, catalog }: Pick<InboxConfig, "handlers" | "catalog">,
): ClaimedNames {
  if (unhandled === "done" || handlers === undefined) return { onlyNames: null, exceptNames: [] };
  if (!handlers.has("UNRECOGNIZED")) return { onlyNames: [...handlers.keys()], exceptNames: [] };
  return { onlyNames: null, exceptNames: Object.keys(catalog).filter((name) => !handlers.has(name)) };
}

type RetryOptions = Pick<CreateInboxOptions<Catalog, AnyTx>, "retryDelayMs" | "retryBaseMs" | "retryMaxMs">;

function backoffOf({ retryBaseMs = 1_000, retryMaxMs = 3_600_000 }: RetryOptions): Backoff {
  return { baseMs: retryBaseMs, maxMs: retryMaxMs, growth: 4 };
}

/** The user's waits between attempts, or the default ones. A function of the user's that fails must not fail the event's retry. */
function retryPolicyOf(options: RetryOptions, clock: Clock, reportError: ReportError): InboxConfig["retryDelayMs"] {
  const { retryDelayMs } = options;
  const byDefault = (attempt: number) => backoffMs(attempt, backoffOf(options), clock.random);
  if (retryDelayMs === undefined) return byDefault;
  return (attempt) => {
    try {
      const delayMs = retryDelayMs(attempt);
      if (typeof delayMs === "number" && delayMs >= 0) return Math.min(delayMs, MAX_TIMER_MS);
      throw new RangeError("a wait must be a number of milliseconds from 0 on");
    } catch (cause) {
      reportError(new WebhookError("INTERNAL", "`retryDelayMs` failed: the default wait is used.", { cause }));
      return byDefault(attempt);
    }
  };
}
