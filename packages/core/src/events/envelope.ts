import type { GenericSchema } from "valibot";

/**
 * The envelope of every event.
 *
 * Seen in Popp's current documents. The oldest documents have neither `eventId` nor `eventTimestamp`: such an event
 * arrives as an `UnrecognizedEvent`.
 */
export interface PoppEnvelope<Name extends string, Data> {
  /** The event's name. The union of all events narrows on it. */
  readonly event: Name;
  /** Identifies the event. Popp documents it for de-duplication: a repeated delivery has the same id. Its format is not documented. */
  readonly eventId: string;
  /**
   * ISO 8601. One of Popp's documents calls it the time when the event happened, another the time when the event was put into the
   * envelope.
   */
  readonly eventTimestamp: string;
  /** The event's data: the resource, and what happened to it. */
  readonly data: Data;
}

/**
 * The fields that the data of every event has. Fields that this SDK does not know pass through, typed `unknown`.
 *
 * No document marks any other field as required, and the oldest mark several as nullable. So it is assumed that every other field may be
 * absent or null.
 */
export interface ResourceData {
  /** The id of the primary resource. Which resource that is differs by event. Its format is not documented. */
  readonly recordId: string;
  /** The id of the organization that the event belongs to. */
  readonly organizationId: string;
  /** A field that is newer than this SDK. */
  readonly [field: string]: unknown;
}

/** A valibot schema whose output is data of one shape. */
export type EventSchema<Data> = GenericSchema<unknown, Data>;

/** A schema for the data of each event in a map from names to events. */
export type SchemasOf<Events> = {
  readonly [Name in keyof Events]: Events[Name] extends {
    readonly data: infer Data;
  }
    ? EventSchema<Data>
    : never;
};
