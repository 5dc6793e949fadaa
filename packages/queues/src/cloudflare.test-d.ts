import type { ExportedHandler } from "@cloudflare/workers-types";
import { createInbox, type EventRef } from "@popp-webhooks/inbox";
import { memoryStore } from "@popp-webhooks/inbox/memory";
import { cloudflareQueue, toQueueConsumer } from "./cloudflare.ts";

interface Env {
  readonly QUEUE: Queue<EventRef>;
  readonly ANY: Queue;
}

const inboxOf = (env: Env) => createInbox({ store: memoryStore(), queue: cloudflareQueue(env.QUEUE), on: {} });

// It is what a Worker exports, alone and beside handlers of one's own.
toQueueConsumer(inboxOf) satisfies ExportedHandler<Env>;
({ ...toQueueConsumer(inboxOf), fetch: () => new Response() }) satisfies ExportedHandler<Env>;
toQueueConsumer(createInbox({ store: memoryStore(), on: {} })) satisfies ExportedHandler;

// Bindings with and without the type of their messages.
(env: Env) => cloudflareQueue(env.ANY);

// @ts-expect-error there is no such binding
toQueueConsumer((env: Env) => createInbox({ store: memoryStore(), queue: cloudflareQueue(env.OTHER), on: {} }));
