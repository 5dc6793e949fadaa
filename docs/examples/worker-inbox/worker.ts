import { toWorker } from "@popp-webhooks/cloudflare";
import { createReceiver } from "@popp-webhooks/core";
import { createInbox } from "@popp-webhooks/inbox";
import { d1Store } from "@popp-webhooks/inbox/d1";

interface Env {
  readonly DB: D1Database;
  readonly POPP_WEBHOOK_SECRET: string;
}

const inboxOf = (env: Env) =>
  createInbox({
    store: d1Store(env.DB),
    // Cloudflare ends what runs after an answer when 30 seconds have passed.
    handlerTimeoutMs: 20_000,
    on: {
      CONVERSATION_COMPLETED: async ({ data }, { tx }) => {
        await tx((batch) =>
          batch.add(
            "INSERT INTO outcomes (record, status) VALUES (?, ?)",
            data.recordId,
            data.conversationStatus ?? null,
          ),
        );
        console.log("Conversation completed:", data.conversationStatus);
      },
      UNRECOGNIZED: (event) => console.log("New to this SDK:", event.name),
    },
  });

export default {
  ...toWorker((env: Env) => createReceiver({ secret: env.POPP_WEBHOOK_SECRET, inbox: inboxOf(env) })),
  scheduled: async (_controller, env) => {
    await inboxOf(env).sweep();
  },
} satisfies ExportedHandler<Env>;
