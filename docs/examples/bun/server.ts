import { createReceiver } from "@popp-webhooks/core";

const receiver = createReceiver({
  secret: () => process.env.POPP_WEBHOOK_SECRET,
  on: {
    CONVERSATION_COMPLETED: (event) => console.log("Conversation completed:", event.data.conversationStatus),
    UNRECOGNIZED: (event) => console.log("New to this SDK:", event.name),
  },
});

const server = Bun.serve({ port: process.env.PORT ?? 3000, fetch: receiver.fetch });
console.log(`Listening on ${server.url}`);
