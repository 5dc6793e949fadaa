import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { createNodeMiddleware, Webhooks } from "@octokit/webhooks";
import { createReceiver } from "@popp-webhooks/core";
import { toExpressHandler, toNodeListener } from "@popp-webhooks/express";
import { toFastifyPlugin } from "@popp-webhooks/fastify";
import { toHonoHandler } from "@popp-webhooks/hono";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import { SECRET } from "../deliveries.ts";
import { PATH } from "./path.ts";

const ACKNOWLEDGED = '{"status":"handled"}';
const receiver = () => createReceiver({ secret: SECRET, on: { ANALYSIS_CREATED: () => {} } });

interface Listening {
  listen(port: number, host: string, then: () => void): unknown;
  address(): AddressInfo | string | null;
}

/** What is compared: each starts a server, and gives its port. A floor reads the raw body, parses it and answers 200, and verifies nothing. */
export const servers = {
  "node:http, floor": () => listening(createServer((request, response) => readAndParse(request, response))),
  "createHmac by hand": () =>
    listening(createServer((request, response) => readAndParse(request, response, verifyByHand))),
  "node:http": () => listening(createServer(toNodeListener(receiver()))),
  "octokit on node:http": () => {
    const webhooks = new Webhooks({ secret: SECRET });
    webhooks.on("ping", () => {});
    return listening(createServer(createNodeMiddleware(webhooks, { path: PATH })));
  },
  "Fastify, floor": async () => {
    const app = Fastify();
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    app.post(PATH, async (request, reply) => {
      JSON.parse(String(request.body));
      return reply.header("content-type", "application/json").send(ACKNOWLEDGED);
    });
    await app.listen({ port: 0, host: "127.0.0.1" });
    return portOf(app.server);
  },
  Fastify: async () => {
    const app = Fastify();
    await app.register(toFastifyPlugin(receiver()), { prefix: PATH });
    await app.listen({ port: 0, host: "127.0.0.1" });
    return portOf(app.server);
  },
  "Express, floor": () => {
    const app = express();
    app.post(PATH, express.raw({ type: () => true, limit: "1mb" }), (request, response) => {
      JSON.parse(String(request.body));
      response.status(200).type("application/json").send(ACKNOWLEDGED);
    });
    return listening(createServer(app));
  },
  Express: () => {
    const app = express();
    app.post(PATH, toExpressHandler(receiver()));
    return listening(createServer(app));
  },
  "Hono, floor": () => {
    const app = new Hono().post(PATH, async (c) => {
      JSON.parse(new TextDecoder().decode(await c.req.arrayBuffer()));
      return c.body(ACKNOWLEDGED, 200, { "content-type": "application/json" });
    });
    return listening(createAdaptorServer({ fetch: app.fetch }));
  },
  Hono: () => {
    const app = new Hono().post(PATH, toHonoHandler(receiver()));
    return listening(createAdaptorServer({ fetch: app.fetch }));
  },
} satisfies Record<string, () => Promise<number>>;

/** One of the servers. */
export type ServerName = keyof typeof servers;

/** What the few lines do that people write where they have no SDK: no limit, no validation, no duplicates held back. */
function verifyByHand(body: Buffer, { headers }: IncomingMessage): void {
  const digest = createHmac("sha256", SECRET).update(body).digest();
  if (!timingSafeEqual(digest, Buffer.from(String(headers["x-signature"]), "hex"))) throw new Error("not genuine");
}

function readAndParse(
  request: IncomingMessage,
  response: ServerResponse,
  verify?: (body: Buffer, request: IncomingMessage) => void,
): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    verify?.(body, request);
    JSON.parse(body.toString());
    response.setHeader("content-type", "application/json");
    response.end(ACKNOWLEDGED);
  });
}

function listening(server: Listening): Promise<number> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(portOf(server))));
}

function portOf(server: Listening): number {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("expected a port");
  return address.port;
}
