/** ISO 8601 as JSON carries it: a date, then perhaps a time of day, a fraction of any length and an offset. */
const ISO_8601 = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/i;

/**
 * Returns an event's `eventTimestamp` in milliseconds since the epoch, or undefined where it is absent or not ISO 8601.
 *
 * Other texts that `Date.parse` accepts, such as `"1"`, are not read. Assumed: a time without an offset is UTC. An old timestamp
 * says nothing about when the event was delivered.
 *
 * @param event - what `parseEvent` returned
 */
export function eventTimeMs({
  eventTimestamp = "",
}: {
  readonly eventTimestamp?: string | undefined;
}): number | undefined {
  const [text, time, , , offset] = ISO_8601.exec(eventTimestamp) ?? [];
  if (text === undefined) return undefined;
  const ms = Date.parse(`${text}${time !== undefined && offset === undefined ? "Z" : ""}`.toUpperCase());
  return Number.isNaN(ms) ? undefined : ms;
}
