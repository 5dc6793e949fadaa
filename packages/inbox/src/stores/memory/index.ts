/**
 * A store in memory, for tests and first steps: it loses everything with the process.
 *
 * @packageDocumentation
 */
import { checkOptions } from "@popp-webhooks/core/internal";
import type { InboxStore } from "../../ports/store.ts";
import { MemoryStore } from "./memory-store.ts";

/** The options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** How many events are kept. The oldest finished events make room for new ones; when none is finished, new events are refused. Default: 100 000. */
  readonly maxEvents?: number;
  /** The store's clock, in milliseconds since the epoch. Default: a monotonic clock, which changes of the system time do not affect. */
  readonly now?: () => number;
}

/**
 * Creates a store in memory. Its `durability` is `none`: accepted events are lost with the process.
 *
 * @param options - the limit and the clock
 * @throws WebhookError `CONFIG_INVALID` when an option is not usable
 *
 * @example
 * ```ts
 * import { createInbox } from "@popp-webhooks/inbox";
 * import { memoryStore } from "@popp-webhooks/inbox/memory";
 *
 * const inbox = createInbox({ store: memoryStore(), on: { DOCUMENT_UPLOADED: (event) => console.log(event.data.recordId) } });
 * inbox.start();
 * ```
 */
export function memoryStore(options: MemoryStoreOptions = {}): InboxStore {
  checkOptions("memoryStore", options, {
    maxEvents: { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true },
    now: "function",
  });
  const { maxEvents = 100_000, now = monotonicNow } = options;
  return new MemoryStore(maxEvents, () => Math.floor(now()));
}

function monotonicNow(): number {
  return performance.timeOrigin + performance.now();
}
