// None of the drivers is installed here, and none of their types: the packages bring all that they need.
import { createReceiver, type PoppEventOf, type Receiver } from "@popp-webhooks/core";
import { createInbox, type InboxStore, latestOnly } from "@popp-webhooks/inbox";
import { type D1Client, d1Store } from "@popp-webhooks/inbox/d1";
import { type DurableStorage, durableObjectStore } from "@popp-webhooks/inbox/durable-object";
import { memoryStore } from "@popp-webhooks/inbox/memory";
import { type PgConnection, type PgPool, postgresStore } from "@popp-webhooks/inbox/postgres";
import { type NodeRedisClient, redisStore } from "@popp-webhooks/inbox/redis";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
import { bullmqQueue, toBullmqProcessor } from "@popp-webhooks/queues/bullmq";
import { cloudflareQueue, toQueueConsumer } from "@popp-webhooks/queues/cloudflare";
import { pgBossQueue, toPgBossHandler } from "@popp-webhooks/queues/pg-boss";

declare const env: { readonly DB: D1Client; readonly QUEUE: Parameters<typeof cloudflareQueue>[0] };
declare const storage: DurableStorage;
declare const pool: PgPool<PgConnection>;
declare const client: NodeRedisClient;
declare const queue: Parameters<typeof bullmqQueue>[0];
declare const boss: Parameters<typeof pgBossQueue>[0];

export const stores: readonly InboxStore<never>[] = [memoryStore(), redisStore(client)];

export const inbox = createInbox({
  store: sqliteStore("popp.db"),
  order: latestOnly((event) => event.data.recordId),
  on: {
    CONVERSATION_COMPLETED: (event, { attempt, fence, signal, tx }) => {
      console.log(event.data.conversationStatus, attempt, fence, signal.aborted);
      return tx((database) => void database);
    },
    DOCUMENT_UPLOADED: (event: PoppEventOf<"DOCUMENT_UPLOADED">) => event.data.recordId,
  },
});
export const receiver: Receiver = createReceiver({ secret: "the signing secret", inbox });

export const others = [
  createInbox({ store: postgresStore(pool), queue: bullmqQueue(queue), on: {} }),
  createInbox({ store: d1Store(env.DB), queue: cloudflareQueue(env.QUEUE), on: {} }),
  createInbox({ store: durableObjectStore(storage), queue: pgBossQueue(boss), on: {} }),
];
export const consumers = [
  toBullmqProcessor(inbox),
  toPgBossHandler(inbox, pgBossQueue(boss)),
  toQueueConsumer(() => inbox),
];

export async function look(): Promise<void> {
  for await (const { state, attempts, body } of inbox.events({ state: "dead" }))
    console.log(state, attempts, body?.byteLength);
  console.log((await inbox.stats()).counts.done, await inbox.sweep());
}
