import { createReceiver } from "@popp-webhooks/core";
import { toNextRoute } from "@popp-webhooks/next";

const receiver = createReceiver({
  secret: () => process.env.POPP_WEBHOOK_SECRET,
  on: {
    CONVERSATION_COMPLETED: (event) => console.log("Conversation completed:", event.data.conversationStatus),
    UNRECOGNIZED: (event) => console.log("New to this SDK:", event.name),
  },
});

export const { POST } = toNextRoute(receiver);
