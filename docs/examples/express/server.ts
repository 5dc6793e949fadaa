import { createReceiver } from "@popp-webhooks/core";
import { toExpressHandler } from "@popp-webhooks/express";
import express from "express";

const receiver = createReceiver({
  secret: () => process.env.POPP_WEBHOOK_SECRET,
  on: {
    CONVERSATION_COMPLETED: (event) => console.log("Conversation completed:", event.data.conversationStatus),
    UNRECOGNIZED: (event) => console.log("New to this SDK:", event.name),
  },
});

const app = express();
// Before express.json(): the signature covers the bytes that a parser would have used up.
app.post("/webhooks/popp", toExpressHandler(receiver));
app.use(express.json());

const port = Number(process.env.PORT ?? 3000);
app.listen(port, () => console.log(`Listening on http://localhost:${port}`));
