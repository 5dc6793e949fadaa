import type { PoppEvent } from "@popp-webhooks/core";

/** How events are ordered; made by {@link latestOnly}. */
export interface Ordering<Event> {
  /** What an event is ordered with; anything but a non-empty string leaves it unordered. */
  readonly keyOf: (event: Event) => unknown;
}

/**
 * Orders events by their `eventTimestamp`: one that is older than the newest handled event of its key is dropped, as `done` and on record.
 *
 * Events of one key never run at the same time in one process, unless a handler goes on after its `handlerTimeoutMs`. Events without a readable timestamp are not ordered.
 *
 * @param keyOf - what an event is ordered with, such as its name and record; it spans all events that have the same. `undefined` for those whose
 * order does not matter
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
export function latestOnly<Event = PoppEvent>(keyOf: (event: Event) => unknown): Ordering<Event> {
  return { keyOf };
}
