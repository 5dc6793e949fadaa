import { createReceiver } from "@popp-webhooks/core";
import { POPP_WEBHOOK_SECRET } from "$app/env/private";
import type { RequestHandler } from "./$types";

const receiver = createReceiver({
  secret: () => POPP_WEBHOOK_SECRET,
  on: {
    CONVERSATION_COMPLETED: (event) => console.log("Conversation completed:", event.data.conversationStatus),
    UNRECOGNIZED: (event) => console.log("New to this SDK:", event.name),
  },
});

export const POST: RequestHandler = ({ request }) => receiver.fetch(request);
