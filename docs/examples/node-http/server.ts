import { createServer } from "node:http";
import { createReceiver } from "@popp-webhooks/core";
import { toNodeListener } from "@popp-webhooks/express";

const receiver = createReceiver({
  secret: () => process.env.POPP_WEBHOOK_SECRET,
  on: {
    CONVERSATION_COMPLETED: (event) => console.log("Conversation completed:", event.data.conversationStatus),
    UNRECOGNIZED: (event) => console.log("New to this SDK:", event.name),
  },
});

const popp = toNodeListener(receiver);
const server = createServer((request, response) => {
  if (request.url === "/webhooks/popp") popp(request, response);
  else response.writeHead(404).end();
});

const port = Number(process.env.PORT ?? 3000);
server.listen(port, () => console.log(`Listening on http://localhost:${port}`));
