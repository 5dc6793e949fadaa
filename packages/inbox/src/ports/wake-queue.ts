import { KEY_DIGITS } from "../event/event-key.ts";

/** The job of an event in a queue: less than 100 bytes and no personal data. The event itself is in the store. */
export interface EventRef {
  /** The `source` of the inbox. */
  readonly source: string;
  /** The event's key in the store: 32 hex digits. */
  readonly key: string;
}

/** How to enqueue a job. */
export interface EnqueueOptions {
  /**
   * How long the queue delays the job, in milliseconds. Default: 0. An explicit 0 also brings a waiting job of the event forward; without
   * this option a waiting job stays where it is.
   */
  readonly delayMs?: number;
}

/**
 * A queue whose workers call `inbox.process(ref)`. `@popp-webhooks/queues` makes one of BullMQ, pg-boss and Cloudflare Queues.
 *
 * The inbox decides what to handle; the queue only wakes a worker. The queue may lose a job, which delays its event by `wakeGraceMs`, and it
 * may deliver a job more than once.
 */
export interface WakeQueue {
  /**
   * Enqueues a job, and resolves once the queue has it. It is called again for an event whose job may be lost: an earlier job of the same event
   * that has already run must not stop it.
   *
   * With `delayMs: 0` a worker must get the event now, because an operator redrives it or because it is overdue: a job of the event that the
   * queue delays, also before a retry, is brought forward. A job that is being processed is left alone. If its event is due afterwards, the
   * worker's `process` or the sweep for overdue events asks for it again.
   *
   * @param ref - the event
   * @param options - how long to delay the job
   */
  enqueue(ref: EventRef, options?: EnqueueOptions): Promise<void>;
}

const KEY = new RegExp(`^[0-9a-f]{${KEY_DIGITS}}$`);

/** Whether a message of a queue refers to an event of this source. */
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
