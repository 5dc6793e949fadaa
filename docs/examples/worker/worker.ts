import { toWorker } from "@popp-webhooks/cloudflare";
import { createReceiver } from "@popp-webhooks/core";

interface Env {
  readonly POPP_WEBHOOK_SECRET: string;
}

export default toWorker((env: Env) =>
  createReceiver({
    secret: env.POPP_WEBHOOK_SECRET,
    on: {
      CONVERSATION_COMPLETED: (event) => console.log("Conversation completed:", event.data.conversationStatus),
      UNRECOGNIZED: (event) => console.log("New to this SDK:", event.name),
    },
  }),
);
