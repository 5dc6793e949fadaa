import type { Catalog, EventsOf, UnrecognizedEvent } from "@popp-webhooks/core";

/** Tells an unrecognized event by its name alone: a known one may have any fields beside those of its envelope. */
export function isUnrecognized(event: EventsOf<Catalog>): event is UnrecognizedEvent {
  return event.event === "UNRECOGNIZED";
}
