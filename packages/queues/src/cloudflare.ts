/**
 * Handles Popp's webhooks in a consumer of Cloudflare Queues.
 *
 * @packageDocumentation
 */
import { checkOptions, oncePerEnvironment } from "@popp-webhooks/core/internal";
import { type EventRef, isRetryLaterError, type WakeQueue } from "@popp-webhooks/inbox";
import { INBOX, type Processor, withMethods } from "./processor.ts";

export type { Processor } from "./processor.ts";

/** What is used of a queue's binding. */
export interface QueueBinding {
  /** Sends a message. */
  send(body: EventRef, options: { readonly contentType: "json"; readonly delaySeconds: number }): Promise<unknown>;
}

/** What is used of a batch of messages. */
export interface QueueBatch {
  /** The messages. */
  readonly messages: readonly QueueMessage[];
}

/** What is used of a message. */
export interface QueueMessage {
  /** What was sent. */
  readonly body: unknown;
  /** How many times the message has been delivered, this time included. */
  readonly attempts: number;
  /** Says that the message is done with. */
  ack(): void;
  /** Asks for the message again. */
  retry(options?: { readonly delaySeconds?: number }): void;
}

/** What a Worker's module exports by default beside its other handlers: spread it into the object. */
export interface QueueConsumer<Env> {
  /** Handles a batch of messages. */
  readonly queue: (batch: QueueBatch, env: Env) => Promise<void>;
}

/** The longest delay that Cloudflare takes. */
const MAX_DELAY_SECONDS = 43_200;

/** The longest wait between two attempts while the store is out of reach. */
const MAX_BACKOFF_MS = 300_000;

/**
 * Puts events into a Cloudflare Queue: the `queue` of an inbox.
 *
 * Cloudflare Queues know no duplicates; the inbox does. A delayed message cannot be brought forward, so a redrive sends another one. Give the Worker a cron trigger that calls `sweep`: it wakes again for events whose
 * message was lost or used up its `max_retries`.
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
 * Makes the `queue` handler of a Worker: it handles the event of each message, and answers for each by itself.
 *
 * The inbox's timetable becomes the queue's: a message whose handler failed, or whose event another Worker has in hand, is asked for again
 * when the inbox says, and so is one for which the store was out of reach. Each of these counts towards `max_retries`.
 *
 * @param inbox - the inbox whose handlers run, or a function that makes it; called once per environment, since bindings come with the batch
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

/** Never rejects: a batch that did would come again as a whole. The inbox has told `onError` what failed. */
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
