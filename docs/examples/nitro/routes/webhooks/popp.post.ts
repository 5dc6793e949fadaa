import { createReceiver } from "@popp-webhooks/core";
import { defineHandler } from "nitro/h3";

const receiver = createReceiver({
  secret: () => process.env.POPP_WEBHOOK_SECRET,
  on: {
    CONVERSATION_COMPLETED: (event) => console.log("Conversation completed:", event.data.conversationStatus),
    UNRECOGNIZED: (event) => console.log("New to this SDK:", event.name),
  },
});

// `event.req` is a web Request; h3 hands it what the platform lends for the time after the answer.
export default defineHandler(({ req }) => receiver.fetch(req, req));
