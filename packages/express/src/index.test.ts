import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { runInNewContext } from "node:vm";
import { createReceiver } from "@popp-webhooks/core";
import { fixture, signedRequest } from "@popp-webhooks/testing";
import { describeAdapter, type MountedAdapter } from "@popp-webhooks/testing/adapter";
import { conformanceReceiver } from "@popp-webhooks/testing/conformance";
import express from "express";
import express4 from "express4";
import Koa from "koa";
import { afterEach, describe, expect, it } from "vitest";
import { toExpressHandler, toNodeListener } from "./index.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) close(server);
});

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function mount(listener: RequestListener): Promise<MountedAdapter> {
  const server = createServer(listener);
  const origin = await listen(server);
  return {
    url: `${origin}/webhooks`,
    jsonUrl: `${origin}/json`,
    parsedFirstUrl: `${origin}/parsed-first`,
    shutDown: () => new Promise((resolve) => server.close(() => resolve())),
    close: () => close(server),
  };
}

/** The same app in both generations: the webhook before the parser, two routes behind it. */
function appOf(make: typeof express): RequestListener {
  const receiver = conformanceReceiver();
  const app = make();
  app.all("/webhooks", toExpressHandler(receiver));
  app.use(make.json());
  app.all("/parsed-first", toExpressHandler(receiver));
  app.post("/json", (request, response) => void response.json(request.body));
  return app;
}

describeAdapter("Express 5", () => mount(appOf(express)));
describeAdapter("Express 4", () => mount(appOf(express4)));
describeAdapter("node:http", async () => {
  const { url, shutDown, close } = await mount(toNodeListener(conformanceReceiver()));
  return { url, shutDown, close };
});
describeAdapter("Koa", async () => {
  const listener = toNodeListener(conformanceReceiver());
  const app = new Koa().use((context) => {
    context.respond = false;
    return listener(context.req, context.res);
  });
  const { url, shutDown, close } = await mount(app.callback());
  return { url, shutDown, close };
});

const secret = "the signing secret";
const receiver = () => createReceiver({ secret, on: {} });
const spaced = JSON.stringify(fixture("CONVERSATION_STARTED"), null, 2);

async function post(
  listener: RequestListener,
  headers: Record<string, string> = {},
  body: string = spaced,
): Promise<{ status: number; text: string }> {
  const server = createServer(listener);
  servers.push(server);
  const response = await fetch(await signedRequest(body, { secret, url: await listen(server), headers }));
  return { status: response.status, text: await response.text() };
}

/** A body that never ends: after its first byte nothing comes. */
function slowBody(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) });
}

describe("when something else has read the body", () => {
  it("uses the bytes in rawBody", async () => {
    const keeping = express.json({ verify: (request, _, bytes) => Object.assign(request, { rawBody: bytes }) });
    expect(await post(express().use(keeping, toExpressHandler(receiver())))).toMatchObject({ status: 200 });
  });

  it("uses the bytes of express.raw()", async () => {
    const raw = express.raw({ type: () => true });
    expect(await post(express().use(raw, toExpressHandler(receiver())))).toMatchObject({ status: 200 });
  });

  it.each([
    ["express.json()", express.json()],
    ["express.json() of Express 4", express4.json()],
    ["express.text()", express.text({ type: () => true })],
  ])("refuses what %s made of it at once, and names the fix", async (_, parser) => {
    const { status, text } = await post(express().use(parser, toExpressHandler(receiver())));
    expect(status).toBe(500);
    expect(text).toContain("BODY_CONSUMED");
    expect(text).toContain("mount this route before any body parser, such as express.json()");
  });

  it("reads a paused body", async () => {
    const stopping: express.RequestHandler = (request, _, next) => {
      request.pause();
      setTimeout(next, 20);
    };
    const quick = createReceiver({ secret, on: {}, bodyTimeoutMs: 60_000 });
    expect(await post(express().use(stopping, toExpressHandler(quick)))).toMatchObject({ status: 200 });
  });

  it("answers when the host's body getter throws", async () => {
    const listener = toNodeListener(receiver());
    const parsing: RequestListener = (request, response) => {
      Object.defineProperty(request, "body", {
        get: () => {
          throw new Error("Invalid JSON");
        },
      });
      return listener(request, response);
    };
    expect(await post(parsing)).toMatchObject({ status: 200 });
  });

  it("uses rawBody when the host's body getter throws", async () => {
    const listener = toNodeListener(receiver());
    const parsing: RequestListener = async (request, response) => {
      const rawBody = await buffer(request);
      Object.defineProperties(request, { rawBody: { value: rawBody }, body: { get: () => JSON.parse("no JSON") } });
      return listener(request, response);
    };
    expect(await post(parsing)).toMatchObject({ status: 200 });
  });

  it.each<[string, (bytes: Buffer) => object]>([
    ["of another realm", (bytes) => runInNewContext("Uint8Array.from(bytes)", { bytes: [...bytes] })],
    [
      "in the middle of a larger buffer",
      (bytes) => Buffer.concat([Buffer.from("x"), bytes, Buffer.from("x")]).subarray(1, -1),
    ],
    ["seen through a DataView", (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)],
  ])("takes kept bytes %s", async (_, kept) => {
    const listener = toNodeListener(receiver());
    const keeping: RequestListener = async (request, response) => {
      Object.assign(request, { rawBody: kept(await buffer(request)) });
      return listener(request, response);
    };
    expect(await post(keeping)).toMatchObject({ status: 200 });
  });

  it("reads the body when rawBody is undefined", async () => {
    const listener = toNodeListener(receiver());
    expect(
      await post((request, response) => listener(Object.assign(request, { rawBody: undefined }), response)),
    ).toMatchObject({ status: 200 });
  });

  it("accepts a body above 100 kB when the earlier parser's limit is raised", async () => {
    const verify = (request: object, _: unknown, bytes: Buffer) => void Object.assign(request, { rawBody: bytes });
    const large = JSON.stringify({ event: "X", data: { filler: "x".repeat(200_000) } });
    const answers: number[] = [];
    for (const options of [{ verify }, { verify, limit: "1mb" }]) {
      const app = express().use(express.json(options), toExpressHandler(receiver()));
      answers.push((await post(app, {}, large)).status);
    }
    expect(answers).toEqual([413, 200]);
  });

  it("refuses a request at once that was aborted before", async () => {
    const ends: unknown[] = [];
    const patient = createReceiver({ secret, on: {}, onDelivery: (outcome) => ends.push(outcome) });
    const abort = new AbortController();
    // The client goes once its request has arrived, and the handler is called once it has gone.
    const late: express.RequestHandler = (request, _, next) => {
      request.once("close", () => setTimeout(next, 20));
      abort.abort();
    };
    const server = createServer(express().use(late, toExpressHandler(patient)));
    servers.push(server);
    const url = await listen(server);
    const sending = fetch(url, {
      method: "POST",
      body: slowBody(),
      duplex: "half",
      signal: abort.signal,
    } as RequestInit);
    await expect(sending).rejects.toThrow();
    await expect.poll(() => ends).toEqual([{ status: "refused", code: "BODY_TIMEOUT" }]);
  });

  it("reads a body that a parser ignored", async () => {
    const app = express().use(express.json({ type: "application/other" }), toExpressHandler(receiver()));
    expect(await post(app)).toMatchObject({ status: 200 });
  });
});

describe("toNodeListener", () => {
  it("does not touch a response that was already sent", async () => {
    const listener = toNodeListener(receiver());
    const late: unknown[] = [];
    const answered = await post((request, response) => {
      response.writeHead(504).end("too late");
      listener(request, response).catch((error: unknown) => late.push(error));
    });
    expect(answered).toEqual({ status: 504, text: "too late" });
    expect(late).toEqual([]);
  });

  it("serves HTTP/2 through Node's compatible request and response", async () => {
    const { connect } = await import("node:http2");
    const listener = toNodeListener(receiver());
    const server = createHttp2Server((request, response) => void listener(request as never, response as never));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const signed = await signedRequest(spaced, { secret });
    const stream = client.request({
      ":method": "POST",
      ":path": "/",
      "x-signature": signed.headers.get("x-signature") ?? "",
    });
    stream.end(spaced);
    const status = await new Promise((resolve) => stream.once("response", (headers) => resolve(headers[":status"])));
    client.destroy();
    server.close();
    expect(status).toBe(200);
  });
});
