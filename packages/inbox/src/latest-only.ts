import type { PoppEvent } from "@popp-webhooks/core";

/** How events are ordered. Made by {@link latestOnly}. */
export interface Ordering<Event> {
  /** The order key of an event. Any value but a non-empty string leaves the event unordered. */
  readonly keyOf: (event: Event) => unknown;
}

/**
 * Orders events by their `eventTimestamp`. An event that is older than the newest handled event of its key is not handled: it is `done` with the
 * note "superseded".
 *
 * Of one key at most one event is handled at a time, in whatever process, unless a handler goes on after its `handlerTimeoutMs`. The others take no
 * place of `concurrency` meanwhile. Events without a readable timestamp are not ordered, and neither are those whose timestamp is more than a day ahead.
 *
 * @param keyOf - returns the order key of an event, such as its name and record. Events with the same key are ordered among themselves. Return
 * `undefined` for events whose order does not matter
 *
 * @example
 * ```ts
 * import { createInbox, latestOnly } from "@popp-webhooks/inbox";
 * import { memoryStore } from "@popp-webhooks/inbox/memory";
 *
 * const order = latestOnly(({ event, data }) => `${event} ${data.recordId}`);
 * const inbox = createInbox({ store: memoryStore(), order, on: {} });
 * ```
 */
export function latestOnly<Event = PoppEvent>(keyOf: (event: Event) => unknown): Ordering<NoInfer<Event>> {
  return { keyOf };
}
