import { Refusal } from "./errors/refusal.ts";
import { WebhookError } from "./errors/webhook-error.ts";
import { events } from "./events/catalog.ts";
import { checkCatalog } from "./events/check-catalog.ts";
import { type Catalog, type EventsOf, isUnrecognized, type PoppEvent, type UnrecognizedEvent } from "./events/event.ts";
import { parse } from "./parse/parse.ts";
import type { VerifiedBody } from "./verify/verified-body.ts";

/** The options of {@link parseEvent}. */
export interface StrictOption {
  /** Throws `PAYLOAD_INVALID` instead of returning an {@link UnrecognizedEvent}. Default: false. */
  readonly strict?: boolean;
  /** Not given: the events that Popp documents. */
  readonly catalog?: undefined;
}

/** The options of {@link parseEvent} with a catalog of your own. */
export interface ParseEventOptions<Events extends Catalog> extends Omit<StrictOption, "catalog"> {
  /** The events that are known, and the schema of each one's data. */
  readonly catalog: Events;
}

/**
 * Parses a verified body into an event that narrows on its name.
 *
 * A genuine JSON object that the catalog cannot type is an `UnrecognizedEvent`, not an error: Popp adds events without notice.
 * Integers above 2^53 lose digits, as with every `JSON.parse`. Read those from the bytes in `body`; a handler has them in `context.body`.
 *
 * @param body - the bytes that `verifySignature` returned
 * @throws {@link WebhookError} `PAYLOAD_MALFORMED` when the body is not UTF-8 or not JSON. `PAYLOAD_INVALID` when it is not a JSON object, and
 *   with `strict` instead of returning an `UnrecognizedEvent`. `CONFIG_INVALID` when the catalog has the name UNRECOGNIZED
 *
 * @example
 * ```ts
 * import { parseEvent, type VerifiedBody } from "@popp-webhooks/core";
 *
 * export function describe(body: VerifiedBody): string {
 *   const event = parseEvent(body);
 *   switch (event.event) {
 *     case "CONVERSATION_COMPLETED": return event.data.conversationStatus ?? "completed";
 *     case "UNRECOGNIZED": return event.name;
 *     default: return event.data.recordId;
 *   }
 * }
 * ```
 */
export function parseEvent(body: VerifiedBody, options?: StrictOption): PoppEvent;
export function parseEvent<Events extends Catalog>(
  body: VerifiedBody,
  options: ParseEventOptions<Events>,
): EventsOf<Events>;
export function parseEvent(
  body: VerifiedBody,
  options: { readonly catalog?: Catalog | undefined; readonly strict?: boolean } = {},
): unknown {
  const catalog = options.catalog ?? events;
  checkCatalog("parseEvent", catalog);
  const event = parse(body, catalog);
  if (event instanceof Refusal) throw event.toError();
  if (options.strict && isUnrecognized(event)) {
    throw new WebhookError("PAYLOAD_INVALID", UNKNOWN[event.reason], { issues: event.issues });
  }
  return event;
}

const UNKNOWN: Readonly<Record<UnrecognizedEvent["reason"], string>> = {
  "unknown-event": "The event is genuine, but not in the catalog. Add it with the option `catalog`.",
  mismatch: "The event is genuine, but does not fit the catalog. The issues say where.",
  "not-an-event": "The body is genuine, but not an event. The issues say where.",
};
