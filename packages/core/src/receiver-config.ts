import { deliverInProcess } from "./deliver/deliver.ts";
import { type HandlerContext, handlersByName } from "./deliver/handlers.ts";
import { type Deliver, deliverToInbox, type Inbox } from "./deliver/inbox.ts";
import { events } from "./events/catalog.ts";
import { checkCatalog } from "./events/check-catalog.ts";
import type { AnyEvent, Catalog } from "./events/event.ts";
import { can } from "./lib/bytes.ts";
import { checkOptions, invalidOption, TIMEOUT } from "./lib/check-options.ts";
import { ByteBudget } from "./read/byte-budget.ts";
import { DEFAULT_BODY_TIMEOUT_MS, DEFAULT_MAX_BUFFERED_BYTES, DEFAULT_MAX_BYTES } from "./read/limits.ts";
import type { CreateReceiverOptions } from "./receiver-options.ts";
import type { DeliveryHooks } from "./respond/report.ts";
import { SCHEME_RULES } from "./verify/scheme.ts";

/** The options of a receiver, checked and with every default filled in. */
export interface ReceiverConfig
  extends Pick<CreateReceiverOptions<Catalog>, "secret" | "secretTimeoutMs" | "scheme" | "maxAgeSeconds">,
    DeliveryHooks {
  readonly catalog: Catalog;
  readonly maxBytes: number;
  readonly bodyTimeoutMs: number;
  readonly budget: ByteBudget;
  readonly maxInFlight: number;
  readonly now: () => number;
  readonly deliver: Deliver<AnyEvent>;
  readonly reject?: Inbox["reject"];
}

/**
 * Checks the options and fills in the defaults. A missing secret is not checked here but with each delivery, so that
 * an app can be built where there is none.
 */
export function resolveOptions(options: CreateReceiverOptions<Catalog>): ReceiverConfig {
  checkOptions("createReceiver", options, RULES);
  checkOptions("createReceiver", options.scheme ?? {}, SCHEME_RULES);
  const { maxBytes = DEFAULT_MAX_BYTES, bodyTimeoutMs = DEFAULT_BODY_TIMEOUT_MS, inbox, on } = options;
  const { handlerTimeoutMs = 25_000, maxInFlight = 1_000 } = options;
  const { maxBufferedBytes = Math.max(DEFAULT_MAX_BUFFERED_BYTES, maxBytes) } = options;
  if (maxBufferedBytes < maxBytes)
    throw invalidOption("createReceiver", "maxBufferedBytes", `at least \`maxBytes\`, ${maxBytes}`, maxBufferedBytes);
  const now = safeClock(options.now ?? Date.now);
  const budget = new ByteBudget(maxBufferedBytes, now);
  const catalog: Catalog = options.catalog ?? inbox?.catalog ?? events;
  const shared = { ...options, maxBytes, bodyTimeoutMs, budget, maxInFlight, catalog, now };
  if (inbox === undefined) {
    const handlers = handlersByName<HandlerContext>("createReceiver", on, catalog);
    return { ...shared, deliver: deliverInProcess(handlers, { handlerTimeoutMs, maxInFlight }) };
  }
  if (on !== undefined)
    throw invalidOption("createReceiver", "on", "absent with an `inbox`: give it to createInbox", on);
  checkCatalog("createReceiver", catalog);
  return { ...shared, ...deliverToInbox(inbox, handlerTimeoutMs) };
}

/** A clock of the user's that throws, or returns no time, must not fail a delivery. */
function safeClock(now: () => number): () => number {
  return () => {
    try {
      const time = now();
      if (Number.isFinite(time)) return time;
    } catch {
      // The machine's clock takes over.
    }
    return Date.now();
  };
}

const RULES = {
  scheme: "object",
  catalog: "object",
  maxBytes: { min: 1 },
  maxBufferedBytes: { min: 1 },
  bodyTimeoutMs: TIMEOUT,
  secretTimeoutMs: TIMEOUT,
  handlerTimeoutMs: TIMEOUT,
  maxAgeSeconds: { min: 1 },
  maxInFlight: { min: 1 },
  now: "function",
  onError: "function",
  onDelivery: "function",
  inbox: {
    expected: "an inbox, such as createInbox() returns",
    accepts: (inbox: unknown) => can(inbox, "deliver") && can(inbox, "reject"),
  },
  secret: {
    expected: "a string, a list of strings, or a function that returns them",
    accepts: (secret: unknown) => secret === null || /string|function/.test(typeof secret) || Array.isArray(secret),
  },
} as const;
