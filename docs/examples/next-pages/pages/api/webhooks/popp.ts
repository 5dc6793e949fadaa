import { createReceiver } from "@popp-webhooks/core";
import { toNextApiHandler } from "@popp-webhooks/next";

// Next reads this line from the source, so it has to stand here.
export const config = { api: { bodyParser: false } };

const receiver = createReceiver({
  secret: () => process.env.POPP_WEBHOOK_SECRET,
  on: {
    CONVERSATION_COMPLETED: (event) => console.log("Conversation completed:", event.data.conversationStatus),
    UNRECOGNIZED: (event) => console.log("New to this SDK:", event.name),
  },
});

export default toNextApiHandler(receiver);
