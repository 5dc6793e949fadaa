import { createHmac } from "node:crypto";
import { Agent, createServer, type IncomingMessage, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Catalog } from "./event.ts";
import type { Inbox } from "./inbox.ts";
import { createReceiver, type Receiver } from "./receiver.ts";
import type { CreateReceiverOptions } from "./receiver-options.ts";
import { WebhookError } from "./webhook-error.ts";

const secret = "the signing secret";
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** The two ways into a receiver, each as a server of its own. */
const ways = {
  receive: ({ receive }: Receiver, incoming: IncomingMessage) =>
    receive({ method: incoming.method ?? "", headers: incoming.headers, body: incoming }),
  fetch: async ({ fetch }: Receiver, incoming: IncomingMessage) => {
    const { method = "GET", headers } = incoming;
    const body =
      method === "GET" || method === "HEAD"
        ? null
        : new ReadableStream<Uint8Array>({ start: (controller) => pipe(incoming, controller) });
    const init = { method, headers: headers as Record<string, string>, body, duplex: "half" } as RequestInit;
    const response = await fetch(new Request("http://localhost/", init));
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  },
};

function pipe(incoming: IncomingMessage, controller: ReadableStreamDefaultController<Uint8Array>): void {
  incoming.on("data", (chunk: Uint8Array) => controller.enqueue(chunk));
  incoming.on("end", () => controller.close());
  incoming.on("error", (error) => controller.error(error));
}

type Options = Partial<CreateReceiverOptions<Catalog>>;
type Before = (incoming: IncomingMessage) => unknown;

async function serve(way: keyof typeof ways, options: Options = {}, before: Before = () => {}): Promise<string> {
  const receiver = createReceiver({
    secret,
    ...(options.inbox === undefined && { on: {} }),
    ...options,
  } as CreateReceiverOptions<Catalog> & { catalog: Catalog });
  const server = createServer(async (incoming, outgoing) => {
    await before(incoming);
    const { status, headers, body } = await ways[way](receiver, incoming);
    outgoing.writeHead(status, headers).end(body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

let count = 0;
const event = (changes: object = {}) => ({
  event: "CONVERSATION_STARTED",
  eventId: `evt_${count++}`,
  eventTimestamp: "2026-11-01T12:00:00Z",
  data: { recordId: "r", organizationId: "o" },
  ...changes,
});
const sign = (body: string | Uint8Array, key = secret) => createHmac("sha256", key).update(body).digest("hex");

function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): RequestInit {
  return { method: "POST", body, headers: { "x-signature": sign(body), ...headers } };
}
const delivery = (changes?: object) => post(JSON.stringify(event(changes)));

async function answer(
  url: string,
  init: RequestInit,
): Promise<{ status: number; code: string; headers: Headers; text: string }> {
  const response = await fetch(url, init);
  const text = await response.text();
  const { status, error } = text === "" ? {} : JSON.parse(text);
  return { status: response.status, code: error?.code ?? status, headers: response.headers, text };
}

const failing = (error: unknown): Inbox => ({
  deliver: () => Promise.reject(error),
  reject: () => Promise.reject(error),
});
const accepting: Inbox = { deliver: async () => ({ status: "accepted" }), reject: async () => {} };
const throwing = () => {
  throw new Error("handler");
};

/** The table of the answers: what is sent, and what comes back. */
const rows: [code: string, status: number, what: string, options: Options, init: () => RequestInit][] = [
  ["handled", 200, "an event with a handler", { on: { CONVERSATION_STARTED: () => {} } }, delivery],
  ["unhandled", 200, "an event without a handler", {}, delivery],
  ["unhandled", 200, "an event newer than the SDK", {}, () => delivery({ event: "OFFER_SENT" })],
  [
    "unhandled",
    200,
    "an event of the oldest documents",
    {},
    () => delivery({ eventId: undefined, eventTimestamp: undefined }),
  ],
  ["unhandled", 200, "a body after a BOM", {}, () => post(`\ufeff${JSON.stringify(event())}`)],
  ["accepted", 200, "an event that an inbox took", { inbox: accepting }, delivery],
  ["METHOD_NOT_ALLOWED", 405, "GET", {}, () => ({ method: "GET" })],
  ["METHOD_NOT_ALLOWED", 405, "PUT", {}, () => ({ ...delivery(), method: "PUT" })],
  ["ENCODING_UNSUPPORTED", 415, "a compressed body", {}, () => post("{}", { "content-encoding": "br" })],
  ["BODY_TOO_LARGE", 413, "a body over the limit", { maxBytes: 10 }, () => post("x".repeat(11))],
  ["SIGNATURE_MISSING", 401, "no signature", {}, () => ({ method: "POST", body: "{}" })],
  ["SIGNATURE_MALFORMED", 401, "a signature that is none", {}, () => post("{}", { "x-signature": "not hex" })],
  [
    "SIGNATURE_MISMATCH",
    401,
    "a signature with another secret",
    {},
    () => post("{}", { "x-signature": sign("{}", "another") }),
  ],
  [
    "EVENT_STALE",
    400,
    "an event that is too old",
    { maxAgeSeconds: 60 },
    () => delivery({ eventTimestamp: "2020-01-01T00:00:00Z" }),
  ],
  ["PAYLOAD_MALFORMED", 400, "bytes that are not UTF-8", {}, () => post(Uint8Array.of(0x22, 0xff, 0x22))],
  ["PAYLOAD_MALFORMED", 400, "text that is not JSON", {}, () => post("{")],
  ["PAYLOAD_INVALID", 400, "JSON that is no event", {}, () => post('{"event":5}')],
  [
    "DELIVERY_CONFLICT",
    409,
    "an id with other bytes, when an inbox refuses that",
    { inbox: failing(new WebhookError("DELIVERY_CONFLICT", "other bytes")) },
    delivery,
  ],
  [
    "STORE_UNAVAILABLE",
    503,
    "a store that is down",
    { inbox: failing(new WebhookError("STORE_UNAVAILABLE", "down")) },
    delivery,
  ],
  [
    "STORE_UNAVAILABLE",
    503,
    "a store that is down for what is no event",
    { inbox: failing(new WebhookError("STORE_UNAVAILABLE", "down")) },
    () => post("{"),
  ],
  ["HANDLER_FAILED", 500, "a handler that throws", { on: { CONVERSATION_STARTED: throwing } }, delivery],
  [
    "HANDLER_FAILED",
    500,
    "a handler that takes too long",
    { on: { CONVERSATION_STARTED: () => new Promise(() => {}) }, handlerTimeoutMs: 20 },
    delivery,
  ],
  ["SECRET_MISSING", 500, "no secret", { secret: () => undefined }, delivery],
  ["INTERNAL", 500, "an inbox that fails in a way of its own", { inbox: failing(new Error("own way")) }, delivery],
  ["INTERNAL", 500, "an inbox that throws nothing at all", { inbox: failing(undefined) }, delivery],
];

describe.each(["receive", "fetch"] as const)("answers over HTTP, by %s", (way) => {
  it.each(rows)("%s, %i: %s", async (code, status, _, options, init) => {
    const got = await answer(await serve(way, options), init());
    expect([got.status, got.code]).toEqual([status, code]);
    expect(got.headers.get("content-type")).toBe("application/json");
    expect(got.headers.get("allow")).toBe(status === 405 ? "POST" : null);
    expect(got.headers.get("retry-after")).toBe(status === 503 ? "5" : null);
    expect(got.text.length).toBeLessThan(400);
  });

  it("BODY_TIMEOUT, 408: a body that stops coming", async () => {
    const url = await serve(way, { bodyTimeoutMs: 50 });
    const status = await new Promise((resolve, reject) => {
      const outgoing = request(url, { method: "POST", headers: { "content-length": "100", "x-signature": sign("") } });
      outgoing.on("response", (incoming) => resolve(incoming.statusCode)).on("error", reject);
      outgoing.write("half");
    });
    expect(status).toBe(408);
  });

  it("BODY_CONSUMED, 500: a body that was read before, at once", async () => {
    const read: Before = async (incoming) => {
      for await (const _ of incoming);
    };
    const url = await serve("receive", { bodyTimeoutMs: 60_000 }, read);
    expect(await answer(url, delivery())).toMatchObject({ status: 500, code: "BODY_CONSUMED" });
  });

  it("BODY_CONSUMED, 500: a stream that was set to give text", async () => {
    const url = await serve("receive", {}, (incoming) => incoming.setEncoding("utf8"));
    expect(await answer(url, delivery())).toMatchObject({ status: 500, code: "BODY_CONSUMED" });
  });

  it("DELIVERY_BUSY, 503, while the same event is being handled; then 200", async () => {
    let finish = () => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const url = await serve(way, { on: { CONVERSATION_STARTED: () => slow } });
    const init = delivery();
    const first = answer(url, init);
    const busy = await Promise.all(Array.from({ length: 30 }, () => answer(url, init)));
    finish();
    const handled = [await first, ...busy].filter(({ code }) => code === "handled");
    expect(handled).toHaveLength(1);
    expect(
      [await first, ...busy].filter(({ status, code }) => status === 503 && code === "DELIVERY_BUSY"),
    ).toHaveLength(30);
    expect(await answer(url, init)).toMatchObject({ status: 200, code: "duplicate" });
  });

  it("OVERLOADED, 503, above maxInFlight, and no longer once there is room", async () => {
    let finish = () => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const url = await serve(way, { on: { CONVERSATION_STARTED: () => slow }, maxInFlight: 2 });
    const first = [answer(url, delivery()), answer(url, delivery())];
    await new Promise((resolve) => setTimeout(resolve, 50));
    const third = await answer(url, delivery());
    finish();
    expect(third).toMatchObject({ status: 503, code: "OVERLOADED" });
    expect((await Promise.all(first)).map(({ code }) => code)).toEqual(["handled", "handled"]);
    expect(await answer(url, delivery())).toMatchObject({ code: "handled" });
  });

  it.each([
    ["a body over the limit", { method: "POST", "content-length": "100000" }, "x".repeat(100_000), 413],
    ["another method", { method: "PUT", "content-length": "2" }, "{}", 405],
    ["a forged delivery", { method: "POST", "content-length": "2", "x-signature": "0".repeat(64) }, "{}", 401],
  ] as const)("serves the connection's next request after %s", async (_, { method, ...headers }, body, refused) => {
    const url = await serve("receive", { maxBytes: 50_000 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (init: { method: string; headers: Record<string, string> }, content: string) =>
      new Promise<[number | undefined, boolean]>((resolve, reject) => {
        const outgoing = request(url, { ...init, agent }, (incoming) =>
          incoming.resume().on("end", () => resolve([incoming.statusCode, outgoing.reusedSocket])),
        );
        outgoing.on("error", reject).end(content);
      });
    expect((await send({ method, headers }, body))[0]).toBe(refused);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const text = JSON.stringify(event());
    expect(await send({ method: "POST", headers: { "x-signature": sign(text) } }, text)).toEqual([200, true]);
    agent.destroy();
  });

  it("serves others after a client has gone away in the middle of its body", async () => {
    const errors: string[] = [];
    const url = await serve(way, { onError: (error) => errors.push(error.code) });
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\nx-signature: ${"0".repeat(64)}\r\ncontent-length: 1000\r\n\r\nhalf`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await expect.poll(() => errors).toEqual(["BODY_TIMEOUT"]);
    expect(await answer(url, delivery())).toMatchObject({ status: 200 });
  });
});
