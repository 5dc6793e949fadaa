import { Refusal } from "./errors/refusal.ts";
import { WebhookError } from "./errors/webhook-error.ts";
import { events } from "./events/catalog.ts";
import { type Catalog, type EventsOf, isUnrecognized, type PoppEvent, type UnrecognizedEvent } from "./events/event.ts";
import { parse } from "./parse/parse.ts";
import type { VerifiedBody } from "./verify/verified-body.ts";

/** How {@link parseEvent} judges what it is given. */
export interface StrictOption {
  /** Throws `PAYLOAD_INVALID` where an {@link UnrecognizedEvent} would be returned. Default: false. */
  readonly strict?: boolean;
  /** Not given: the events that Popp documents. */
  readonly catalog?: undefined;
}

/** How {@link parseEvent} judges what it is given, with a catalogue of your own. */
export interface ParseEventOptions<Events extends Catalog> extends Omit<StrictOption, "catalog"> {
  /** The events that are known, and the schema of each one's data. */
  readonly catalog: Events;
}

/**
 * Parses a verified body into an event that narrows on its name.
 *
 * What is genuine but unknown to the model is an `UnrecognizedEvent`, not an error: Popp adds events without notice.
 *
 * @param body - the bytes that `verifySignature` gave
 * @throws {@link WebhookError} `PAYLOAD_MALFORMED` when it is not UTF-8 or not JSON; `PAYLOAD_INVALID` when it is no object, `event`
 *   no non-empty string or `data` no object, and with `strict` when the model does not know it
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
  const event = parse(body, options.catalog ?? events);
  if (event instanceof Refusal) throw event.toError();
  if (options.strict && isUnrecognized(event)) {
    throw new WebhookError("PAYLOAD_INVALID", UNKNOWN[event.reason], { issues: event.issues });
  }
  return event;
}

const UNKNOWN: Readonly<Record<UnrecognizedEvent["reason"], string>> = {
  "unknown-event": "The event is genuine, but its name is not in the catalogue: extend it with the option `catalog`.",
  mismatch: "The event is genuine, but does not fit the catalogue: the issues say where.",
};
