import { createReceiver } from "@popp-webhooks/core";
import { Elysia } from "elysia";

const receiver = createReceiver({
  secret: () => process.env.POPP_WEBHOOK_SECRET,
  on: {
    CONVERSATION_COMPLETED: (event) => console.log("Conversation completed:", event.data.conversationStatus),
    UNRECOGNIZED: (event) => console.log("New to this SDK:", event.name),
  },
});

const app = new Elysia()
  // `parse: "none"` keeps Elysia from reading the body, so that the receiver gets its exact bytes.
  .post("/webhooks/popp", ({ request }) => receiver.fetch(request), { parse: "none" })
  .listen(process.env.PORT ?? 3000);

console.log(`Listening on ${app.server?.url}`);
