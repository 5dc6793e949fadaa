import type { GenericSchema } from "valibot";

/**
 * What every event is wrapped in.
 *
 * Seen in Popp's current documents. The oldest ones have neither `eventId` nor `eventTimestamp`: such an event
 * arrives as an `UnrecognizedEvent`.
 */
export interface PoppEnvelope<Name extends string, Data> {
  /** The event's name: what the union narrows on. */
  readonly event: Name;
  /** Identifies the event: the same in every delivery of it, so the key for de-duplication. Its format is not documented. */
  readonly eventId: string;
  /** When it happened, as ISO 8601. */
  readonly eventTimestamp: string;
  /** What happened. */
  readonly data: Data;
}

/**
 * What every event's data has. Fields that this SDK does not know pass through, typed `unknown`.
 *
 * No document marks any other field as required, and the oldest mark several as nullable: so every other field in
 * the model may be absent or null.
 */
export interface ResourceData {
  /** The id of the primary resource; which resource that is differs by event. Its format is not documented. */
  readonly recordId: string;
  /** The id of the organization that the event belongs to. */
  readonly organizationId: string;
  /** A field that is newer than this SDK. */
  readonly [field: string]: unknown;
}

/** A valibot schema that gives data of one shape. */
export type EventSchema<Data> = GenericSchema<unknown, Data>;

/** A schema for the data of each event in a map from names to events. */
export type SchemasOf<Events> = {
  readonly [Name in keyof Events]: Events[Name] extends {
    readonly data: infer Data;
  }
    ? EventSchema<Data>
    : never;
};
