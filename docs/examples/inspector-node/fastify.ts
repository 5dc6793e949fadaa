import { toFastifyPlugin } from "@popp-webhooks/fastify";
import Fastify from "fastify";
import { inspector, receiver } from "./inbox.ts";

const app = Fastify({ forceCloseConnections: true });
await app.register(toFastifyPlugin(receiver), {
  prefix: "/webhooks/popp",
});
app.route({
  method: ["GET", "HEAD", "POST"],
  url: "/admin/popp",
  handler: async (request, reply) => {
    reply.hijack();
    // Fastify has parsed the body by now: that is fine.
    await inspector.listener(
      Object.assign(request.raw, { body: request.body }),
      reply.raw,
    );
  },
});

const port = Number(process.env.PORT ?? 3000);
await app.listen({ port, host: "127.0.0.1" });
console.log(`Listening on http://localhost:${port}/admin/popp`);
