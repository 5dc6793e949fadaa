import type { InferOutput } from "valibot";
import type { Issue } from "../errors/issue.ts";
import type { PoppEventMap, PoppEventName, PoppEvents } from "./catalog.ts";
import type { EventSchema, PoppEnvelope } from "./envelope.ts";

/** Event names and the schema of each one's data: {@link events}, or that and your own. */
export interface Catalog {
  readonly [name: string]: EventSchema<unknown>;
}

/**
 * A genuine event that is not in the catalogue, or that no longer fits it.
 *
 * Nothing authentic is rejected because the model is stale. Its `event` is a literal of its own, so that a
 * `case "CONVERSATION_STARTED"` never meets data of another shape.
 */
export interface UnrecognizedEvent {
  /** Always `"UNRECOGNIZED"`; the name on the wire is in `name`. */
  readonly event: "UNRECOGNIZED";
  /** The event's name on the wire. */
  readonly name: string;
  /** `unknown-event`: the name is not in the catalogue. `mismatch`: it is, but something does not fit. */
  readonly reason: "unknown-event" | "mismatch";
  /** Where it does not fit: paths and types, no values. Empty for an unknown event with a sound envelope. */
  readonly issues: readonly Issue[];
  /** The event's id, if there is one; without, the key for de-duplication is the SHA-256 of the body. */
  readonly eventId?: string | undefined;
  /** When it happened, if it says so. */
  readonly eventTimestamp?: string | undefined;
  /** What came, unchecked. */
  readonly data: { readonly [field: string]: unknown };
}

/** One event of a catalogue, by its name. */
export type EventOf<Events extends Catalog, Name extends keyof Events> = Name extends PoppEventName
  ? [Events[Name], PoppEvents[Name]] extends [PoppEvents[Name], Events[Name]]
    ? PoppEventMap[Name]
    : PoppEnvelope<Name, InferOutput<Events[Name]>>
  : PoppEnvelope<Name & string, InferOutput<Events[Name]>>;

/** Every event of a catalogue, and the unrecognized one: the union that narrows on `event`. */
export type EventsOf<Events extends Catalog> =
  | { [Name in keyof Events]: EventOf<Events, Name> }[keyof Events]
  | UnrecognizedEvent;

/** An event as a handler meets it: one of the 26 that Popp documents, or an {@link UnrecognizedEvent}. */
export type PoppEvent = PoppEventMap[PoppEventName] | UnrecognizedEvent;

/** An event of some catalogue: what the stages know of it. The catalogue's own types come back where a user's code begins. */
export type AnyEvent = PoppEnvelope<string, unknown> | UnrecognizedEvent;

/** One event by its name: `PoppEventOf<"CONVERSATION_COMPLETED">`. */
export type PoppEventOf<Name extends PoppEventName | "UNRECOGNIZED"> = Name extends PoppEventName
  ? PoppEventMap[Name]
  : UnrecognizedEvent;

/** Tells an unrecognized event by its name alone: a known one may have any fields beside those of its envelope. */
export function isUnrecognized(event: AnyEvent): event is UnrecognizedEvent {
  return event.event === "UNRECOGNIZED";
}
