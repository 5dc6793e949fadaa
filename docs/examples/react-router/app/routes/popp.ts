import { createReceiver } from "@popp-webhooks/core";
import type { ActionFunctionArgs } from "react-router";

const receiver = createReceiver({
  secret: () => process.env.POPP_WEBHOOK_SECRET,
  on: {
    CONVERSATION_COMPLETED: (event) => console.log("Conversation completed:", event.data.conversationStatus),
    UNRECOGNIZED: (event) => console.log("New to this SDK:", event.name),
  },
});

// A resource route: without a component of its own, it answers as it likes.
export const action = ({ request }: ActionFunctionArgs): Promise<Response> => receiver.fetch(request);
