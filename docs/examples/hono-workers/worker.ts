import { createReceiver } from "@popp-webhooks/core";
import { toHonoHandler } from "@popp-webhooks/hono";
import { Hono } from "hono";

interface AppEnv {
  Bindings: { POPP_WEBHOOK_SECRET: string };
}

const app = new Hono<AppEnv>();

app.post(
  "/webhooks/popp",
  toHonoHandler<AppEnv>((c) =>
    createReceiver({
      secret: c.env.POPP_WEBHOOK_SECRET,
      on: {
        CONVERSATION_COMPLETED: (event) => console.log("Conversation completed:", event.data.conversationStatus),
        UNRECOGNIZED: (event) => console.log("New to this SDK:", event.name),
      },
    }),
  ),
);

export default app;
