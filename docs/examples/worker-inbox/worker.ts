import { toWorker } from "@popp-webhooks/cloudflare";
import { createReceiver } from "@popp-webhooks/core";
import { createInbox } from "@popp-webhooks/inbox";
import { d1Store } from "@popp-webhooks/inbox/d1";
import {
  type Access,
  toInspector,
} from "@popp-webhooks/inspector";

interface Env {
  readonly DB: D1Database;
  readonly POPP_WEBHOOK_SECRET: string;
  readonly ADMIN_TOKEN?: string;
  readonly READER_TOKEN?: string;
}

const inboxOf = (env: Env) =>
  createInbox({
    store: d1Store(env.DB),
    // Cloudflare ends it 30 seconds after the answer.
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
        console.log(
          "Conversation completed:",
          data.conversationStatus,
        );
      },
      UNRECOGNIZED: (event) =>
        console.log("New to this SDK:", event.name),
    },
  });

/** Check your own session here. This one knows two tokens. */
function accessOf(request: Request, env: Env): Access | false {
  const token = /(?:^|;\s*)token=([^;]+)/.exec(
    request.headers.get("cookie") ?? "",
  )?.[1];
  if (token === undefined) return false;
  if (token === env.ADMIN_TOKEN)
    return { name: "admin", can: "act", body: "reveal" };
  if (token === env.READER_TOKEN)
    return { name: "reader", can: "read", body: "masked" };
  return false;
}

const inspectorOf = (env: Env) =>
  toInspector(inboxOf(env), {
    authorize: (request) => accessOf(request, env),
  });

const webhook = toWorker((env: Env) =>
  createReceiver({
    secret: env.POPP_WEBHOOK_SECRET,
    inbox: inboxOf(env),
  }),
);

export default {
  fetch: (request, env, context) =>
    new URL(request.url).pathname === "/admin/popp"
      ? inspectorOf(env).fetch(request)
      : webhook.fetch(request, env, context),
  scheduled: async (_controller, env) => {
    await inboxOf(env).sweep();
  },
} satisfies ExportedHandler<Env>;
