import type { InferOutput } from "valibot";
import type { Issue } from "../errors/issue.ts";
import type { PoppEventMap, PoppEventName, PoppEvents } from "./catalog.ts";
import type { EventSchema, PoppEnvelope } from "./envelope.ts";

/** Event names and the schema of each one's data: {@link events}, or that and your own. */
export interface Catalog {
  readonly [name: string]: EventSchema<unknown>;
}

/**
 * A genuine delivery that the catalog cannot type: its name is new, its data has changed, or it is not an event.
 *
 * No genuine delivery is refused because the catalog is out of date. `event` is a literal of its own, so that a `case "CONVERSATION_STARTED"`
 * never gets data of another shape. A handler finds the whole body, as bytes, in `context.body`.
 */
export interface UnrecognizedEvent {
  /** Always `"UNRECOGNIZED"`. The event's own name is in `name`. */
  readonly event: "UNRECOGNIZED";
  /** The event's name as received. Empty when the body has no name, which only happens with `not-an-event`. */
  readonly name: string;
  /**
   * - `unknown-event`: the catalog does not have the name.
   * - `mismatch`: the catalog has the name, but the envelope or the data does not fit.
   * - `not-an-event`: a JSON object without a name in `event`, or without an object in `data`. Popp does not document its test
   *   deliveries: they may be such bodies.
   */
  readonly reason: "unknown-event" | "mismatch" | "not-an-event";
  /** Where it does not fit: paths and types, no values, at most 20 entries. Empty for an unknown event with a complete envelope. */
  readonly issues: readonly Issue[];
  /** The event's id. Undefined when there is none: the SHA-256 of the body identifies the event then. */
  readonly eventId?: string | undefined;
  /** The envelope's `eventTimestamp`, unchecked. Undefined when it is not a string. */
  readonly eventTimestamp?: string | undefined;
  /** The data as received, unchecked. An empty object when the body has no object in `data`. */
  readonly data: { readonly [field: string]: unknown };
}

/** One event of a catalog, by its name. */
export type EventOf<Events extends Catalog, Name extends keyof Events> = Name extends PoppEventName
  ? [Events[Name], PoppEvents[Name]] extends [PoppEvents[Name], Events[Name]]
    ? PoppEventMap[Name]
    : PoppEnvelope<Name, InferOutput<Events[Name]>>
  : PoppEnvelope<Name & string, InferOutput<Events[Name]>>;

/** Every event of a catalog, and the unrecognized one: a union that narrows on `event`. */
export type EventsOf<Events extends Catalog> =
  | { [Name in keyof Events]: EventOf<Events, Name> }[keyof Events]
  | UnrecognizedEvent;

/** An event that Popp documents, or an {@link UnrecognizedEvent}. */
export type PoppEvent = PoppEventMap[PoppEventName] | UnrecognizedEvent;

/** An event of any catalog, as the stages know it. User code gets it with the types of its own catalog. */
export type AnyEvent = PoppEnvelope<string, unknown> | UnrecognizedEvent;

/** One event by its name: `PoppEventOf<"CONVERSATION_COMPLETED">`. */
export type PoppEventOf<Name extends PoppEventName | "UNRECOGNIZED"> = Name extends PoppEventName
  ? PoppEventMap[Name]
  : UnrecognizedEvent;

/** Whether an event is unrecognized. Goes by the name alone, because a known event may have any other fields. */
export function isUnrecognized(event: AnyEvent): event is UnrecognizedEvent {
  return event.event === "UNRECOGNIZED";
}
