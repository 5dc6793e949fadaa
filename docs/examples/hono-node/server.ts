import { serve } from "@hono/node-server";
import { createReceiver } from "@popp-webhooks/core";
import { toHonoHandler } from "@popp-webhooks/hono";
import { Hono } from "hono";

const receiver = createReceiver({
  secret: () => process.env.POPP_WEBHOOK_SECRET,
  on: {
    CONVERSATION_COMPLETED: (event) => console.log("Conversation completed:", event.data.conversationStatus),
    UNRECOGNIZED: (event) => console.log("New to this SDK:", event.name),
  },
});

const app = new Hono();
app.post("/webhooks/popp", toHonoHandler(receiver));

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) => {
  console.log(`Listening on http://localhost:${port}`);
});
