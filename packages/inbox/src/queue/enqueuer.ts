import { isWebhookError, WebhookError } from "@popp-webhooks/core";
import type { InboxConfig } from "../inbox-config.ts";
import { withTimeout } from "../lib/with-timeout.ts";
import type { EnqueueOptions, WakeQueue } from "../ports/wake-queue.ts";

/** How long the queue may take for one job. The clients of a queue that is down wait forever by default. */
const TIMEOUT_MS = 5_000;

/** How many jobs may be pending in a queue that does not answer. A sweep enqueues the events beyond that. */
const MAX_PENDING = 5_000;

/** A pending job older than this no longer counts: Workers cancel a request together with all work in it, and its promises never settle. */
const MAX_PENDING_AGE_MS = 3_600_000;

/** How many jobs a sweep enqueues at the same time. */
const BATCH = 16;

/** Enqueues jobs without a guarantee. When one is lost, a sweep enqueues the event again. */
export class Enqueuer {
  readonly #config: InboxConfig;
  readonly #queue: WakeQueue;
  readonly #waiting = new Set<Promise<void>>();
  /** When each pending job was sent, the oldest first. */
  readonly #pending = new Set<{ readonly sentAtMs: number }>();

  constructor(config: InboxConfig, queue: WakeQueue) {
    this.#config = config;
    this.#queue = queue;
  }

  /** Enqueues an event that has just become due. Never rejects, and the response to a delivery does not wait for it. */
  enqueue(key: string, options?: EnqueueOptions): Promise<void> {
    const waiting = this.#sendIfRoom(key, options)
      .catch(this.#config.reportError)
      .finally(() => this.#waiting.delete(waiting));
    this.#waiting.add(waiting);
    return waiting;
  }

  /**
   * Enqueues several events.
   *
   * @throws WebhookError `STORE_UNAVAILABLE` when the queue fails; the events after that are not tried
   */
  async enqueueAll(keys: readonly string[], options?: EnqueueOptions): Promise<void> {
    for (let at = 0; at < keys.length; at += BATCH)
      await Promise.all(keys.slice(at, at + BATCH).map((key) => this.#send(key, options)));
  }

  /** Resolves when every `enqueue` has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#waiting);
  }

  async #sendIfRoom(key: string, options?: EnqueueOptions): Promise<void> {
    const oldestMs = this.#config.clock.now() - MAX_PENDING_AGE_MS;
    for (const job of this.#pending) {
      if (job.sentAtMs > oldestMs) break;
      this.#pending.delete(job);
    }
    if (this.#pending.size < MAX_PENDING) return this.#send(key, options);
    throw new WebhookError(
      "OVERLOADED",
      `The queue has not answered for ${MAX_PENDING} jobs. This event was not enqueued: a sweep enqueues it later.`,
    );
  }

  async #send(key: string, options?: EnqueueOptions): Promise<void> {
    const { clock, source } = this.#config;
    const job = { sentAtMs: clock.now() };
    this.#pending.add(job);
    const sending = Promise.resolve()
      .then(() => this.#queue.enqueue({ source, key }, options))
      .finally(() => this.#pending.delete(job));
    try {
      await withTimeout(clock, TIMEOUT_MS, sending, () => new WebhookError("STORE_UNAVAILABLE", TOO_LATE));
    } catch (error) {
      throw unavailable(error);
    }
  }
}

const TOO_LATE = `The queue did not take a job within ${TIMEOUT_MS} ms. The event is in the store: a sweep enqueues it later.`;

function unavailable(cause: unknown): WebhookError {
  if (isWebhookError(cause)) return cause;
  const message = "The queue did not take a job. The event is in the store: a sweep enqueues it later.";
  return new WebhookError("STORE_UNAVAILABLE", message, { cause });
}
