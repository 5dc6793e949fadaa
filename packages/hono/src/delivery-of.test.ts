import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { getRequestListener, serve } from "@hono/node-server";
import { createReceiver } from "@popp-webhooks/core";
import { Hono, type HonoRequest } from "hono";
import { bodyLimit } from "hono/body-limit";
import { expect, it } from "vitest";
import { oddDelivery, SECRET } from "../test/delivery.ts";
import { toHonoHandler } from "./index.ts";

const receiver = createReceiver({ secret: SECRET, on: {} });

/** The answer of an app whose middleware does something to the request before the handler sees it. */
async function answerBehind(before: (req: HonoRequest) => unknown): Promise<{ status: number; body: unknown }> {
  const app = new Hono();
  app.use(async (c, next) => {
    await before(c.req);
    await next();
  });
  app.post("/popp", toHonoHandler(receiver));
  const response = await app.request("/popp", oddDelivery());
  return { status: response.status, body: await response.json() };
}

it.each<[string, (req: HonoRequest) => unknown]>([
  ["did nothing", () => {}],
  ["looked at the body without reading it", (req) => req.raw.body],
  ["read a clone", (req) => req.raw.clone().text()],
  ["called arrayBuffer()", (req) => req.arrayBuffer()],
  ["called bytes()", (req) => req.bytes()],
  ["called blob()", (req) => req.blob()],
  ["called arrayBuffer() and then text()", (req) => req.arrayBuffer().then(() => req.text())],
])("has the exact bytes where middleware %s", async (_, before) => {
  expect(await answerBehind(before)).toEqual({ status: 200, body: { status: "unhandled" } });
});

it.each<[string, (app: Hono) => Hono]>([
  ["bodyLimit before it", (app) => new Hono().use(bodyLimit({ maxSize: 1_000_000 })).route("/", app)],
  ["mount around it", (app) => new Hono().mount("/", app.fetch)],
  [
    "middleware that looks at the web request's body",
    (app) =>
      new Hono()
        .use((c, next) => {
          void c.req.raw.body;
          return next();
        })
        .route("/", app),
  ],
])("reads a large body on Node with %s", async (_, around) => {
  const quick = createReceiver({ secret: SECRET, on: {}, bodyTimeoutMs: 60_000 });
  const app = around(new Hono().post("/popp", toHonoHandler(quick)));
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const starting = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(starting));
  });
  const { port } = server.address() as AddressInfo;
  const body = JSON.stringify({ event: "X", eventId: "1", data: { filler: "x".repeat(600_000) } });
  const headers = { "x-signature": createHmac("sha256", SECRET).update(body).digest("hex") };
  const { status } = await fetch(`http://127.0.0.1:${port}/popp`, { method: "POST", body, headers });
  server.close();
  expect(status).toBe(200);
});

it.each<[string, (req: HonoRequest) => unknown]>([
  ["text()", (req) => req.text()],
  ["json()", (req) => req.json().catch(() => {})],
  ["text() and then arrayBuffer()", (req) => req.text().then(() => req.arrayBuffer())],
  ["raw.arrayBuffer()", (req) => req.raw.arrayBuffer()],
])("names the fix where middleware called %s", async (_, before) => {
  const { status, body } = await answerBehind(before);

  expect(status).toBe(500);
  expect(body).toMatchObject({
    error: { code: "BODY_CONSUMED", message: expect.stringContaining("`c.req.arrayBuffer()`") },
  });
});

it("lets the receiver answer when the cached body never arrives", async () => {
  const app = new Hono();
  app.use(async (c, next) => {
    await c.req.arrayBuffer().catch(() => {});
    await next();
  });
  app.post("/popp", toHonoHandler(receiver));
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("The client went away.")) });

  const response = await app.request("/popp", Object.assign(oddDelivery(), { body: broken, duplex: "half" }));

  expect(await response.json()).toMatchObject({ error: { code: "BODY_TIMEOUT" } });
});

it("uses rawBody of a Node host, as in Cloud Functions", async () => {
  const listener = getRequestListener(new Hono().post("/popp", toHonoHandler(receiver)).fetch);
  const server = createServer(async (request, response) => {
    Object.assign(request, { rawBody: await buffer(request), body: {} });
    await listener(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const { status } = await fetch(`http://127.0.0.1:${port}/popp`, oddDelivery());
  server.close();
  expect(status).toBe(200);
});
