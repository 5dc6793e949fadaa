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
 * The handlers of one key never run at the same time in one process, unless a handler goes on after its `handlerTimeoutMs`. Events without a readable
 * timestamp are not ordered.
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
