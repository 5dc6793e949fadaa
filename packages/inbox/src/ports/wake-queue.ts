import { KEY_DIGITS } from "../lib/event-key.ts";

/** What a queue carries of an event: less than 100 bytes, and nothing personal in them. The inbox has the rest. */
export interface EventRef {
  /** Whose event it is: the `source` of the inbox. */
  readonly source: string;
  /** The event's key in the store: 32 hex digits. */
  readonly key: string;
}

/** How a reference is put into a queue. */
export interface EnqueueOptions {
  /** How long the queue keeps it back, in milliseconds. Default: 0. */
  readonly delayMs?: number;
}

/**
 * A queue whose workers call `inbox.process(ref)`: `@popp-webhooks/queues` makes one of BullMQ, pg-boss and Cloudflare Queues.
 *
 * The inbox decides, the queue only wakes: it may lose a reference, which delays its event by `wakeGraceMs`, and may bring it more than once.
 */
export interface WakeQueue {
  /**
   * Puts a reference into the queue, and resolves once it is there. Called again for an event whose wake-up may be lost: it must not
   * take an earlier job for it, of which nothing is left to run, as reason to do nothing.
   *
   * @param ref - which event
   * @param options - how long to keep it back
   */
  enqueue(ref: EventRef, options?: EnqueueOptions): Promise<void>;
}

const KEY = new RegExp(`^[0-9a-f]{${KEY_DIGITS}}$`);

/** Tells a reference to an event of this source from whatever else a queue may hold. */
export function isRefOf(source: string, ref: unknown): ref is EventRef {
  return (
    typeof ref === "object" &&
    ref !== null &&
    "source" in ref &&
    ref.source === source &&
    "key" in ref &&
    typeof ref.key === "string" &&
    KEY.test(ref.key)
  );
}
