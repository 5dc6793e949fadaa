import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
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

/** Verifies and parses a body. Throws when the signature does not match. */
type Check = (body: Buffer, signature: unknown) => unknown;

/** The floor: reads and parses the body and verifies nothing. */
const floor: Check = (body) => JSON.parse(body.toString());

/** A handler as people write it without an SDK: no size limit, validation, duplicate check or timeout. */
const byHand: Check = (body, signature) => {
  const digest = createHmac("sha256", SECRET).update(body).digest();
  if (!timingSafeEqual(digest, Buffer.from(String(signature), "hex"))) throw new Error("the signature does not match");
  return JSON.parse(body.toString());
};

/** Starts each server and returns its port. Every framework has a floor, a handler by hand and our receiver. */
export const servers = {
  "node:http, floor": () => plainNode(floor),
  "node:http, by hand": () => plainNode(byHand),
  "node:http": () => listening(createServer(toNodeListener(receiver()))),
  "octokit on node:http": () => {
    const webhooks = new Webhooks({ secret: SECRET });
    webhooks.on("ping", () => {});
    return listening(createServer(createNodeMiddleware(webhooks, { path: PATH })));
  },
  "Fastify, floor": () => plainFastify(floor),
  "Fastify, by hand": () => plainFastify(byHand),
  Fastify: async () => {
    const app = Fastify();
    await app.register(toFastifyPlugin(receiver()), { prefix: PATH });
    await app.listen({ port: 0, host: "127.0.0.1" });
    return portOf(app.server);
  },
  "Express, floor": () => plainExpress(floor),
  "Express, by hand": () => plainExpress(byHand),
  Express: () => {
    const app = express();
    app.post(PATH, toExpressHandler(receiver()));
    return listening(createServer(app));
  },
  "Hono, floor": () => plainHono(floor),
  "Hono, by hand": () => plainHono(byHand),
  Hono: () => {
    const app = new Hono().post(PATH, toHonoHandler(receiver()));
    return listening(createAdaptorServer({ fetch: app.fetch }));
  },
} satisfies Record<string, () => Promise<number>>;

/** One of the servers. */
export type ServerName = keyof typeof servers;

/** A framework with a receiver, a handler by hand and a floor. */
export type Framework = "node:http" | "Fastify" | "Express" | "Hono";

function plainNode(check: Check): Promise<number> {
  return listening(
    createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        check(Buffer.concat(chunks), request.headers["x-signature"]);
        response.setHeader("content-type", "application/json");
        response.end(ACKNOWLEDGED);
      });
    }),
  );
}

async function plainFastify(check: Check): Promise<number> {
  const app = Fastify();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.post<{ Body: Buffer }>(PATH, async (request, reply) => {
    check(request.body, request.headers["x-signature"]);
    return reply.header("content-type", "application/json").send(ACKNOWLEDGED);
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  return portOf(app.server);
}

function plainExpress(check: Check): Promise<number> {
  const app = express();
  app.post(PATH, express.raw({ type: () => true, limit: "1mb" }), (request, response) => {
    check(request.body, request.headers["x-signature"]);
    response.status(200).type("application/json").send(ACKNOWLEDGED);
  });
  return listening(createServer(app));
}

function plainHono(check: Check): Promise<number> {
  const app = new Hono().post(PATH, async (c) => {
    check(Buffer.from(await c.req.arrayBuffer()), c.req.header("x-signature"));
    return c.body(ACKNOWLEDGED, 200, { "content-type": "application/json" });
  });
  return listening(createAdaptorServer({ fetch: app.fetch }));
}

function listening(server: Listening): Promise<number> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(portOf(server))));
}

function portOf(server: Listening): number {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("expected a port");
  return address.port;
}
