/** Listens on loopback with one of two adapters, tells its port, and its peak memory whenever it is asked. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createReceiver } from "@popp-webhooks/core";
import { toFastifyPlugin } from "@popp-webhooks/fastify";
import Fastify from "fastify";
import { toNodeListener } from "../src/index.ts";

const receiver = createReceiver({ secret: "the signing secret", on: {} });

async function listen(): Promise<number> {
  if (process.argv[2] === "fastify") {
    const app = Fastify();
    await app.register(toFastifyPlugin(receiver), { prefix: "/" });
    await app.listen({ port: 0, host: "127.0.0.1" });
    return (app.server.address() as AddressInfo).port;
  }
  const server = createServer(toNodeListener(receiver));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const port = await listen();
// Sampled: what getrusage calls the peak, a child inherits from its parent.
let peakBytes = 0;
setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
}, 10);
process.on("message", () => process.send?.({ peakBytes }));
process.on("disconnect", () => process.exit());
process.send?.({ port });
