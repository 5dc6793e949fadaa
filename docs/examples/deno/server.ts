import { createReceiver } from "@popp-webhooks/core";

const receiver = createReceiver({
  secret: () => Deno.env.get("POPP_WEBHOOK_SECRET"),
  on: {
    CONVERSATION_COMPLETED: (event) => console.log("Conversation completed:", event.data.conversationStatus),
    UNRECOGNIZED: (event) => console.log("New to this SDK:", event.name),
  },
});

Deno.serve({ port: Number(Deno.env.get("PORT") ?? 3000) }, receiver.fetch);
