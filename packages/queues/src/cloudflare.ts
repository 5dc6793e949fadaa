/**
 * Handles Popp's webhooks in a consumer of Cloudflare Queues.
 *
 * @packageDocumentation
 */
import { checkOptions, oncePerEnvironment } from "@popp-webhooks/core/internal";
import { type EventRef, isRetryLaterError, type WakeQueue } from "@popp-webhooks/inbox";
import { INBOX, type Processor, withMethods } from "./processor.ts";

export type { Processor } from "./processor.ts";

/** The part of a queue's binding that this package uses. */
export interface QueueBinding {
  /** Sends a message. */
  send(body: EventRef, options: { readonly contentType: "json"; readonly delaySeconds: number }): Promise<unknown>;
}

/** The part of a message batch that this package uses. */
export interface QueueBatch {
  /** The messages. */
  readonly messages: readonly QueueMessage[];
}

/** The part of a message that this package uses. */
export interface QueueMessage {
  /** The data that was sent. */
  readonly body: unknown;
  /** How often the message was delivered, this time included. */
  readonly attempts: number;
  /** Acknowledges the message. */
  ack(): void;
  /** Requests another delivery of the message. */
  retry(options?: { readonly delaySeconds?: number }): void;
}

/** The `queue` handler of a Worker. Spread it into the module's default export beside other handlers. */
export interface QueueConsumer<Env> {
  /** Handles a batch of messages. */
  readonly queue: (batch: QueueBatch, env: Env) => Promise<void>;
}

/** The longest delay that Cloudflare accepts. */
const MAX_DELAY_SECONDS = 43_200;

/** The longest wait between two attempts while the store is unreachable. */
const MAX_BACKOFF_MS = 300_000;

/**
 * Creates the `queue` of an inbox from a Cloudflare Queue.
 *
 * Cloudflare Queues do not deduplicate; the inbox skips repeated messages. A delayed message cannot be moved forward, so a redrive sends another one.
 * Add a cron trigger that calls `sweep`: it sends a new message for events whose message was lost or used up its `max_retries`.
 *
 * @param binding - the producer's binding, such as `env.QUEUE`
 *
 * @example
 * ```ts
 * import { createInbox } from "@popp-webhooks/inbox";
 * import { type D1Client, d1Store } from "@popp-webhooks/inbox/d1";
 * import { cloudflareQueue, type QueueBinding } from "@popp-webhooks/queues/cloudflare";
 *
 * interface Env {
 *   readonly DB: D1Client; // D1Database and Queue, in a project that has Cloudflare's types
 *   readonly QUEUE: QueueBinding;
 * }
 *
 * const inboxOf = (env: Env) =>
 *   createInbox({ store: d1Store(env.DB), queue: cloudflareQueue(env.QUEUE), on: "elsewhere" });
 * ```
 */
export function cloudflareQueue(binding: QueueBinding): WakeQueue {
  const rules = { binding: withMethods("the binding of a queue, such as env.QUEUE", "send") };
  checkOptions("cloudflareQueue", { binding: binding ?? null }, rules);
  return {
    enqueue: async (ref, { delayMs = 0 } = {}) => {
      await binding.send(ref, { contentType: "json", delaySeconds: secondsOf(delayMs) });
    },
  };
}

/**
 * Creates the `queue` handler of a Worker. It handles the event of each message and acknowledges or retries each message separately.
 *
 * The inbox schedules retries; the queue only delays the message. If a handler fails, another Worker holds the event or the store is unreachable,
 * the message is retried when the inbox says. Each retry counts towards `max_retries`.
 *
 * @param inbox - the inbox whose handlers run, or a function that creates it; called once per environment, because bindings come with the batch
 *
 * @example
 * ```ts
 * import { createInbox } from "@popp-webhooks/inbox";
 * import { type D1Client, d1Store } from "@popp-webhooks/inbox/d1";
 * import { toQueueConsumer } from "@popp-webhooks/queues/cloudflare";
 *
 * interface Env {
 *   readonly DB: D1Client;
 * }
 *
 * export default toQueueConsumer((env: Env) =>
 *   createInbox({
 *     store: d1Store(env.DB),
 *     on: { DOCUMENT_UPLOADED: (event) => console.log(event.data.recordId) },
 *   }),
 * );
 * ```
 */
export function toQueueConsumer(inbox: Processor): QueueConsumer<unknown>;
export function toQueueConsumer<Env extends object>(inbox: (env: Env) => Processor): QueueConsumer<Env>;
export function toQueueConsumer<Env extends object>(inbox: Processor | ((env: Env) => Processor)): QueueConsumer<Env> {
  if (typeof inbox !== "function") checkOptions("toQueueConsumer", { inbox: inbox ?? null }, { inbox: INBOX });
  const inboxOf = typeof inbox === "function" ? oncePerEnvironment(inbox, (env: Env) => env) : () => inbox;
  return {
    queue: async ({ messages }, env) => {
      const own = inboxOf(env);
      await Promise.all(messages.map((message) => handle(own, message)));
    },
  };
}

/** Never rejects, because the whole batch would be delivered again. The inbox has already reported the failure to `onError`. */
async function handle(inbox: Processor, message: QueueMessage): Promise<void> {
  try {
    await inbox.process(message.body);
    message.ack();
  } catch (error) {
    const delayMs = isRetryLaterError(error) ? error.delayMs : Math.min(MAX_BACKOFF_MS, 1_000 * 2 ** message.attempts);
    message.retry({ delaySeconds: secondsOf(delayMs) });
  }
}

function secondsOf(delayMs: number): number {
  return Math.min(MAX_DELAY_SECONDS, Math.ceil(delayMs / 1_000));
}
