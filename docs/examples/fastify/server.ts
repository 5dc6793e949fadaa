import { createReceiver } from "@popp-webhooks/core";
import { toFastifyPlugin } from "@popp-webhooks/fastify";
import Fastify from "fastify";

const receiver = createReceiver({
  secret: () => process.env.POPP_WEBHOOK_SECRET,
  on: {
    CONVERSATION_COMPLETED: (event) => console.log("Conversation completed:", event.data.conversationStatus),
    UNRECOGNIZED: (event) => console.log("New to this SDK:", event.name),
  },
});

const app = Fastify();
await app.register(toFastifyPlugin(receiver), { prefix: "/webhooks/popp" });

const port = Number(process.env.PORT ?? 3000);
await app.listen({ port, host: "0.0.0.0" });
console.log(`Listening on http://localhost:${port}`);
