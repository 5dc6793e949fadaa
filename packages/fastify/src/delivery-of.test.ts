import { createHmac } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:http2";
import type { AddressInfo } from "node:net";
import { PassThrough, Readable, Transform } from "node:stream";
import { buffer } from "node:stream/consumers";
import { brotliCompressSync, createGunzip, gzipSync, zstdCompressSync } from "node:zlib";
import compress from "@fastify/compress";
import { createReceiver, type Receiver } from "@popp-webhooks/core";
import Fastify, { type FastifyInstance } from "fastify";
import rawBody from "fastify-raw-body";
import { describe, expect, it, onTestFinished } from "vitest";
import { toFastifyPlugin } from "./index.ts";

const secret = "the signing secret";
/** No parser and serializer would give these bytes back. */
const SPACED = Buffer.from('\ufeff{ "event": "X",\r\n "eventId": "1", "data": { "a": 1.0, "b": "\\u00e9" } }');
const LARGE = Buffer.from(JSON.stringify({ event: "X", eventId: "2", data: { filler: "x".repeat(600_000) } }));

/** Listens with a receiver behind what the test puts before it. */
async function listen(before: (app: FastifyInstance) => unknown, receiver: Receiver): Promise<string> {
  const app = Fastify({ forceCloseConnections: true });
  onTestFinished(() => app.close());
  await before(app);
  await app.register(toFastifyPlugin(receiver), { prefix: "/popp" });
  return `${await app.listen({ port: 0, host: "127.0.0.1" })}/popp`;
}

interface Sent {
  /** The bytes that are signed. */
  readonly body?: Buffer<ArrayBuffer>;
  /** The bytes on the wire, where they are others. */
  readonly wire?: Buffer<ArrayBuffer>;
  readonly headers?: Record<string, string>;
  readonly receiver?: Receiver;
}

const plain = () => createReceiver({ secret, on: {} });

/** The answer behind what the test puts before the plugin. */
async function answerBehind(before: (app: FastifyInstance) => unknown, sent: Sent = {}) {
  const { body = SPACED, wire = body, headers = {}, receiver = plain() } = sent;
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const response = await fetch(await listen(before, receiver), {
    method: "POST",
    body: wire,
    headers: { "content-type": "application/json", "x-signature": signature, ...headers },
  });
  return { status: response.status, text: await response.text() };
}

const UNHANDLED = { status: 200, text: '{"status":"unhandled"}' };

/** Lets a moment pass, as a hook does that asks a database. */
const moment = () => new Promise((resolve) => setTimeout(resolve, 20));

describe("reads the payload of a preParsing hook", () => {
  it.each<[string, (app: FastifyInstance) => unknown]>([
    ["nothing", () => {}],
    ["the payload itself", (app) => app.addHook("preParsing", async (_request, _reply, payload) => payload)],
    [
      "a stream it pipes into",
      (app) => app.addHook("preParsing", async (_r, _p, payload) => payload.pipe(new PassThrough())),
    ],
    [
      "a stream of the bytes it read",
      (app) => app.addHook("preParsing", async (_r, _p, payload) => Readable.from(await buffer(payload))),
    ],
    [
      "a web stream",
      (app) => app.addHook("preParsing", async (_r, _p, payload) => Readable.toWeb(payload as Readable) as never),
    ],
    [
      "an async iterable",
      (app) =>
        app.addHook(
          "preParsing",
          async (_r, _p, payload) =>
            (async function* () {
              yield* payload;
            })() as never,
        ),
    ],
    [
      "a stream that a later hook replaces again",
      (app) => {
        for (let hooks = 0; hooks < 2; hooks++)
          app.addHook("preParsing", async (_r, _p, payload) => payload.pipe(new PassThrough()));
      },
    ],
  ])("%s", async (_, before) => {
    expect(await answerBehind(before)).toEqual(UNHANDLED);
    expect(await answerBehind(before, { body: LARGE })).toEqual(UNHANDLED);
  });

  it("different bytes than were received", async () => {
    const decoding = new Transform({ transform: (chunk, _, done) => done(null, Buffer.from(String(chunk), "base64")) });
    const before = (app: FastifyInstance) =>
      app.addHook("preParsing", async (_r, _p, payload) => payload.pipe(decoding));
    expect(await answerBehind(before, { wire: Buffer.from(SPACED.toString("base64")) })).toEqual(UNHANDLED);
  });

  it("fewer bytes than were received, when the received ones would exceed the limit", async () => {
    const before = (app: FastifyInstance) =>
      app.addHook("preParsing", async (_r, _p, payload) =>
        Readable.from(Buffer.from(String(await buffer(payload)), "hex")),
      );
    const receiver = createReceiver({ secret, on: {}, maxBytes: SPACED.length });
    expect(await answerBehind(before, { wire: Buffer.from(SPACED.toString("hex")), receiver })).toEqual(UNHANDLED);
  });
});

describe("accepts a body that was decompressed before", () => {
  const decompressing = (app: FastifyInstance) => app.register(compress);

  it.each([
    ["gzip", gzipSync(SPACED)],
    ["br", brotliCompressSync(SPACED)],
    ["zstd", zstdCompressSync(SPACED)],
  ])("by @fastify/compress from %s", async (encoding, wire) => {
    expect(
      await answerBehind(decompressing, { wire: Buffer.from(wire), headers: { "content-encoding": encoding } }),
    ).toEqual(UNHANDLED);
  });

  it("by a hook", async () => {
    const before = (app: FastifyInstance) =>
      app.addHook("preParsing", async (_r, _p, payload) => payload.pipe(createGunzip()));
    expect(
      await answerBehind(before, { wire: Buffer.from(gzipSync(SPACED)), headers: { "content-encoding": "gzip" } }),
    ).toEqual(UNHANDLED);
  });

  it("and refuses a body that decompresses beyond the limit", async () => {
    const bomb = Buffer.from(gzipSync(Buffer.alloc(10_000_000)));
    expect(await answerBehind(decompressing, { wire: bomb, headers: { "content-encoding": "gzip" } })).toMatchObject({
      status: 413,
    });
  });

  it("and refuses a forged one", async () => {
    const wire = Buffer.from(gzipSync("another body"));
    expect(await answerBehind(decompressing, { wire, headers: { "content-encoding": "gzip" } })).toMatchObject({
      status: 401,
    });
  });

  it("and refuses one that was not decompressed", async () => {
    const wire = Buffer.from(gzipSync(SPACED));
    expect(await answerBehind(() => {}, { wire, headers: { "content-encoding": "gzip" } })).toMatchObject({
      status: 415,
    });
  });
});

/** Something between the hook that reads and the handler, so that the body has gone by. */
const waiting = (app: FastifyInstance) => app.addHook("preValidation", async () => void (await moment()));

describe("shares the body with fastify-raw-body", () => {
  it.each([
    ["as bytes", { encoding: false }],
    ["as text", {}],
    ["as bytes, first of all hooks", { encoding: false, runFirst: true }],
  ] as const)("that keeps it %s", async (_, options) => {
    const before = (app: FastifyInstance) => app.register(rawBody, options);
    expect(await answerBehind(before)).toEqual(UNHANDLED);
    expect(await answerBehind(before, { body: LARGE })).toEqual(UNHANDLED);
  });

  it.each([
    ["small", SPACED],
    ["large", LARGE],
  ])("that has read it before the plugin has its turn: %s", async (_, body) => {
    const before = async (app: FastifyInstance) => {
      await app.register(rawBody, { encoding: false });
      waiting(app);
    };
    expect(await answerBehind(before, { body })).toEqual(UNHANDLED);
  });

  it("whose limit is smaller than the receiver's", async () => {
    const before = async (app: FastifyInstance) => {
      app.addHook("onRoute", (route) => {
        route.bodyLimit = 1_000;
      });
      await app.register(rawBody, { encoding: false });
    };
    expect(await answerBehind(before, { body: LARGE })).toEqual(UNHANDLED);
  });

  it("that is still reading when the plugin runs", async () => {
    const before = async (app: FastifyInstance) => {
      await app.register(rawBody, { encoding: false });
      waiting(app);
    };
    const half = LARGE.length / 2;
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(LARGE.subarray(0, half));
        await moment().then(moment).then(moment);
        controller.enqueue(LARGE.subarray(half));
        controller.close();
      },
    });
    const signature = createHmac("sha256", secret).update(LARGE).digest("hex");
    const url = await listen(before, plain());
    const init = {
      method: "POST",
      body,
      duplex: "half",
      headers: { "content-type": "application/json", "x-signature": signature },
    };
    expect((await fetch(url, init as RequestInit)).status).toBe(200);
  });
});

describe("uses the bytes that a hook provides", () => {
  it.each<[string, (app: FastifyInstance) => unknown]>([
    [
      "in request.body",
      (app) =>
        app.addHook("preValidation", async (request) => {
          request.body = await buffer(request.raw);
        }),
    ],
    [
      "in request.body, as a plain Uint8Array",
      (app) =>
        app.addHook("preHandler", async (request) => {
          request.body = new Uint8Array(await buffer(request.raw));
        }),
    ],
    [
      "in request.rawBody",
      (app) =>
        app.addHook(
          "onRequest",
          async (request) => void Object.assign(request, { rawBody: await buffer(request.raw) }),
        ),
    ],
    [
      "in the raw request's rawBody, as Cloud Functions do",
      (app) =>
        app.addHook("onRequest", async ({ raw }) => void Object.assign(raw, { rawBody: await buffer(raw), body: {} })),
    ],
    [
      "in the raw request's body, as express.raw() does",
      (app) => app.addHook("onRequest", async ({ raw }) => void Object.assign(raw, { body: await buffer(raw) })),
    ],
  ])("%s", async (_, before) => {
    expect(await answerBehind(before)).toEqual(UNHANDLED);
  });

  it("with any content-encoding", async () => {
    const before = (app: FastifyInstance) =>
      app.addHook(
        "onRequest",
        async ({ raw }) => void Object.assign(raw, { rawBody: await buffer(raw.pipe(createGunzip())) }),
      );
    expect(
      await answerBehind(before, { wire: Buffer.from(gzipSync(SPACED)), headers: { "content-encoding": "gzip" } }),
    ).toEqual(UNHANDLED);
  });
});

describe("reports what to change in Fastify", () => {
  it.each<[string, (app: FastifyInstance) => unknown]>([
    ["an onRequest hook read the body", (app) => app.addHook("onRequest", async ({ raw }) => void (await buffer(raw)))],
    [
      "a preParsing hook read it and handed it on",
      (app) =>
        app.addHook("preParsing", async (_r, _p, payload) => {
          await buffer(payload);
          return payload;
        }),
    ],
    [
      "a preValidation hook parsed it",
      (app) =>
        app.addHook("preValidation", async (request) => {
          request.body = JSON.parse(String(await buffer(request.raw)).slice(1));
        }),
    ],
    [
      "a preHandler hook decoded it",
      (app) =>
        app.addHook("preHandler", async (request) => {
          request.body = String(await buffer(request.raw));
        }),
    ],
    [
      "fastify-raw-body kept it as text",
      async (app) => {
        await app.register(rawBody);
        waiting(app);
      },
    ],
    [
      "a hook reads it and leaves off",
      (app) =>
        app.addHook("onRequest", async ({ raw }) => {
          await once(raw, "readable");
          raw.read(1);
        }),
    ],
  ])("where %s", async (_, before) => {
    const { status, text } = await answerBehind(before);
    expect(status).toBe(500);
    expect(text).toContain("BODY_CONSUMED");
    expect(text).toContain("`preParsing`");
    expect(text).not.toContain("express");
  });
});

it("applies the receiver's size and time limits instead of Fastify's", async () => {
  const small = createReceiver({ secret, on: {}, maxBytes: 100 });
  expect(await answerBehind(() => {}, { body: LARGE, receiver: small })).toMatchObject({ status: 413 });
  const large = createReceiver({ secret, on: {}, maxBytes: 3_000_000 });
  const body = Buffer.from(JSON.stringify({ event: "X", data: { filler: "x".repeat(2_000_000) } }));
  expect(await answerBehind(() => {}, { body, receiver: large })).toEqual(UNHANDLED);

  const hasty = createReceiver({ secret, on: {}, bodyTimeoutMs: 50 });
  const url = await listen(() => {}, hasty);
  const endless = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) });
  const init = { method: "POST", body: endless, duplex: "half", headers: { "content-type": "application/json" } };
  expect((await fetch(url, init as RequestInit)).status).toBe(408);
});

it("sees the headers that hooks have changed", async () => {
  const signature = createHmac("sha256", secret).update(SPACED).digest("hex");
  const before = (app: FastifyInstance) =>
    app.addHook("onRequest", async (request) => {
      request.headers = { "x-signature": signature };
    });
  expect(await answerBehind(before, { headers: { "x-signature": "none" } })).toEqual(UNHANDLED);
});

it("accepts an injected delivery", async () => {
  const app = Fastify();
  onTestFinished(() => app.close());
  await app.register(toFastifyPlugin(plain()), { prefix: "/popp" });
  const headers = { "x-signature": createHmac("sha256", secret).update(SPACED).digest("hex") };
  const { statusCode } = await app.inject({ method: "POST", url: "/popp", payload: SPACED, headers });
  expect(statusCode).toBe(200);
});

it("accepts a delivery over HTTP/2", async () => {
  const app = Fastify({ http2: true });
  await app.register(toFastifyPlugin(plain()), { prefix: "/popp" });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const client = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
  const signature = createHmac("sha256", secret).update(SPACED).digest("hex");
  const stream = client.request({ ":method": "POST", ":path": "/popp", "x-signature": signature });
  stream.end(SPACED);
  const [headers] = await once(stream, "response");
  client.destroy();
  await app.close();
  expect(headers[":status"]).toBe(200);
});
