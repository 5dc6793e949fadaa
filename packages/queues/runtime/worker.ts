import { createInbox, type DurableInbox, UnrecoverableError } from "@popp-webhooks/inbox";
import { d1Store } from "@popp-webhooks/inbox/d1";
import { cloudflareQueue, type QueueMessage, toQueueConsumer } from "@popp-webhooks/queues/cloudflare";
import "./env.ts";

/** A record of what the consumer did. It shares the isolate with the tests, but no request. */
export const seen = {
  /** The event id of each handler run. */
  runs: [] as string[],
  /** The codes that the consumer's inbox reported. */
  errors: [] as string[],
  /** The number of inboxes created. */
  inboxes: 0,
  /** The event key of each message that the consumer acknowledged. */
  acked: [] as string[],
  /** The number of batches received. */
  batches: 0,
};

const consumer = toQueueConsumer(({ DB }: Cloudflare.Env): DurableInbox => {
  seen.inboxes++;
  return createInbox({
    store: d1Store(DB),
    leaseMs: 5_000,
    retryBaseMs: 1,
    onError: ({ code }) => void seen.errors.push(code),
    on: {
      UNRECOGNIZED: async ({ data }, { idempotencyKey, attempt }) => {
        seen.runs.push(idempotencyKey);
        if (typeof data.sleepMs === "number") await new Promise((resolve) => setTimeout(resolve, Number(data.sleepMs)));
        if (typeof data.failures === "number" && attempt <= data.failures)
          throw new Error("the handler fails, as told");
        const runs = seen.runs.filter((run) => run === idempotencyKey).length;
        if (typeof data.deaths === "number" && runs <= data.deaths) throw new UnrecoverableError("as told");
      },
    },
  });
});

export default {
  fetch: async () => new Response("nothing here", { status: 404 }),
  queue: async (batch, env) => {
    seen.batches++;
    await consumer.queue({ messages: batch.messages.map(recorded) }, env);
  },
} satisfies ExportedHandler<Cloudflare.Env>;

/** Wraps a message to record its acknowledgement. */
function recorded(message: Message<unknown>): QueueMessage {
  const { body, attempts } = message;
  return {
    body,
    attempts,
    ack: () => {
      seen.acked.push(String(Reflect.get(Object(body), "key")));
      message.ack();
    },
    retry: (options) => message.retry(options),
  };
}

/** The inbox of a receiver in the same Worker. */
export function receivingInbox(env: Cloudflare.Env, options: object = {}): DurableInbox {
  const store = d1Store(env.DB);
  return createInbox({ store, storeTimeoutMs: 60_000, queue: cloudflareQueue(env.QUEUE), on: {}, ...options });
}
