/**
 * A store in memory: for tests and for trying things out, as it forgets everything with the process.
 *
 * @packageDocumentation
 */
import { checkOptions } from "@popp-webhooks/core/internal";
import type { InboxStore } from "../../ports/store.ts";
import { MemoryStore } from "./memory-store.ts";

/** The options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** How many events are kept; the oldest finished ones make room, and where none is finished new ones are refused. Default: 100 000. */
  readonly maxEvents?: number;
  /** The store's clock, in milliseconds since the epoch. Default: a monotonic one, which no change of the system's time moves. */
  readonly now?: () => number;
}

/**
 * Makes a store in memory. Its `durability` is `none`: what was accepted is lost with the process.
 *
 * @param options - how much it keeps
 * @throws WebhookError `CONFIG_INVALID` when the options cannot work
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
