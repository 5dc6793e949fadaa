import { createHmac } from "node:crypto";
import { EventEmitter } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { Readable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createReceiver, type Receiver } from "../receiver.ts";
import type { CreateReceiverOptions } from "../receiver-options.ts";
import type { DeliveryBody } from "./delivery.ts";

const secret = "the signing secret";
const KIB = 1_024;
/** Long enough never to pass in a test. */
const NEVER_MS = 600_000;

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** What a web server hands over of a Node request. */
function webStream(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      incoming.on("data", (chunk: Uint8Array) => controller.enqueue(chunk));
      incoming.on("end", () => controller.close());
      incoming.on("error", (error) => controller.error(error));
    },
  });
}

/** A server with a receiver, and the codes of the deliveries that it has answered. */
async function serve(options: object, bodyOf: (incoming: IncomingMessage) => DeliveryBody) {
  const codes: string[] = [];
  const { receive }: Receiver = createReceiver({
    secret,
    on: {},
    bodyTimeoutMs: NEVER_MS,
    onError: () => {},
    onDelivery: (outcome) => codes.push(outcome.status === "refused" ? outcome.code : outcome.status),
    ...options,
  } as CreateReceiverOptions);
  const server = createServer(async (incoming, outgoing) => {
    const { method = "", headers } = incoming;
    const reply = await receive({ method, headers, body: bodyOf(incoming) });
    outgoing.writeHead(reply.status, reply.headers).end(reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(
    () => void server.close(),
    () => server.closeAllConnections(),
  );
  return { port: (server.address() as AddressInfo).port, codes };
}

/** Sends all of a body but its last byte, and stays connected. */
async function stall(port: number, bytes: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  cleanUps.push(() => socket.destroy());
  socket.resume().write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${bytes}\r\n\r\n`);
  await new Promise((resolve) => socket.write(Buffer.alloc(bytes - 1, "a"), resolve));
  return socket;
}

async function deliver(port: number, eventId: string, bytes: number): Promise<number> {
  const body = JSON.stringify({ event: "X", eventId, data: {} }).padEnd(bytes);
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: "POST",
    body,
    headers: { "x-signature": signature },
  });
  return response.status;
}

describe.each<[string, (incoming: IncomingMessage) => DeliveryBody]>([
  ["a Node stream", (incoming) => incoming],
  ["a web stream", webStream],
])("300 connections that hold back the last byte, over %s", (_, bodyOf) => {
  it("do not keep genuine deliveries out", async () => {
    const options = { maxBytes: 64 * KIB, maxBufferedBytes: 1_024 * KIB };
    const { port, codes } = await serve(options, bodyOf);
    await Promise.all(Array.from({ length: 300 }, () => stall(port, 64 * KIB)));
    // Room is for 16 of them.
    await vi.waitUntil(() => codes.length >= 300 - 16, { timeout: NEVER_MS });

    const ids = Array.from({ length: 40 }, (_, at) => `evt_${at}`);
    const statuses: number[] = [];
    for (let at = 0; at < ids.length; at += 8)
      statuses.push(...(await Promise.all(ids.slice(at, at + 8).map((id) => deliver(port, id, 32 * KIB)))));

    expect(statuses).toEqual(ids.map(() => 200));
    expect(new Set(codes)).toEqual(new Set(["OVERLOADED", "unhandled"]));
  });
});

/** The parts of a Node stream that a receiver uses. */
function nodeStream() {
  return Object.assign(new EventEmitter(), { pause: () => {}, resume: () => {} });
}

/** Collects garbage until none of the chunks is left. */
async function areDropped(...chunks: readonly WeakRef<Uint8Array>[]): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collectGarbage: () => void = runInNewContext("gc");
  const left = () => {
    collectGarbage();
    return chunks.filter((chunk) => chunk.deref() !== undefined);
  };
  await vi.waitUntil(() => left().length === 0, { interval: 1, timeout: 60_000 });
}

describe("the bytes of a refused body are dropped while its stream lives on", () => {
  const twoChunks = (send: (chunk: Uint8Array) => void) => {
    const [first, second] = [new Uint8Array(20), new Uint8Array(20)];
    send(first);
    send(second);
    return new WeakRef(first);
  };

  it.each<[string, object, string]>([
    ["too large", { maxBytes: 30 }, "BODY_TOO_LARGE"],
    ["too late", { bodyTimeoutMs: 20 }, "BODY_TIMEOUT"],
  ])("because it is %s", async (_, options, code) => {
    const { receive } = createReceiver({ secret, on: {}, onError: () => {}, ...options });
    const body = nodeStream();
    const replying = receive({ method: "POST", headers: {}, body });
    const chunk = twoChunks((bytes) => body.emit("data", bytes));
    expect((await replying).body).toContain(code);
    await areDropped(chunk);
    // Its listeners are still there, and with them whatever they can reach.
    expect(body.listenerCount("close")).toBe(1);
  });

  it("because it held the most of the budget", async () => {
    const budget = { maxBytes: 60, maxBufferedBytes: 60 };
    const { receive } = createReceiver({ secret, on: {}, onError: () => {}, bodyTimeoutMs: NEVER_MS, ...budget });
    const [stalled, next] = [nodeStream(), nodeStream()];
    const [refused, other] = [stalled, next].map((body) => receive({ method: "POST", headers: {}, body }));
    const chunk = twoChunks((bytes) => stalled.emit("data", bytes));
    next.emit("data", new Uint8Array(30));
    expect(await refused).toMatchObject({ status: 503, headers: { "retry-after": expect.any(String) } });
    expect((await refused)?.body).toContain("`maxBufferedBytes`");
    await areDropped(chunk);
    expect(stalled.listenerCount("close")).toBe(1);
    next.emit("end");
    expect(await other).toMatchObject({ status: 401 });
  });
});

describe("a body in many small chunks", () => {
  const body = JSON.stringify({ event: "X", eventId: "1", data: {} });
  const headers = { "x-signature": createHmac("sha256", secret).update(body).digest("hex") };

  it("keeps none of them: each would cost far more than its bytes", async () => {
    const { receive } = createReceiver({ secret, on: {} });
    const stream = nodeStream();
    const replying = receive({ method: "POST", headers, body: stream });
    const chunks = Array.from(body, (char) => Buffer.from(char)).map((chunk) => {
      stream.emit("data", chunk);
      return new WeakRef(chunk);
    });
    await areDropped(...chunks);
    stream.emit("end");
    expect((await replying).status).toBe(200);
  });

  it.each([
    [body.length, 200],
    [body.length - 1, 413],
  ])("is counted to the byte: %i bytes allowed, %i", async (maxBytes, status) => {
    const { receive } = createReceiver({ secret, on: {}, onError: () => {}, maxBytes });
    const chunks = Readable.from(Array.from(body, (char) => Buffer.from(char)));
    expect((await receive({ method: "POST", headers, body: chunks })).status).toBe(status);
  });
});
