import { createHmac } from "node:crypto";
import { Agent, type ClientRequest, createServer, type IncomingMessage, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Inbox } from "./deliver/inbox.ts";
import { WebhookError, type WebhookErrorCode } from "./errors/webhook-error.ts";
import type { Catalog } from "./events/event.ts";
import { createReceiver, type Receiver } from "./receiver.ts";
import type { CreateReceiverOptions } from "./receiver-options.ts";

const secret = "the signing secret";
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** Something that happens to a request before the receiver sees it. */
type Before = (request: IncomingMessage | Request) => unknown;

/** The two ways into a receiver, each as a server of its own. */
const ways = {
  receive: async ({ receive }: Receiver, incoming: IncomingMessage, before: Before) => {
    await before(incoming);
    return receive({ method: incoming.method ?? "", headers: incoming.headers, body: incoming });
  },
  fetch: async ({ fetch }: Receiver, incoming: IncomingMessage, before: Before) => {
    const { method = "GET", headers } = incoming;
    const body =
      method === "GET" || method === "HEAD"
        ? null
        : new ReadableStream<Uint8Array>({ start: (controller) => pipe(incoming, controller) });
    const init = { method, headers: headers as Record<string, string>, body, duplex: "half" } as RequestInit;
    const request = new Request("http://localhost/", init);
    await before(request);
    const response = await fetch(request);
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  },
};

function pipe(incoming: IncomingMessage, controller: ReadableStreamDefaultController<Uint8Array>): void {
  incoming.on("data", (chunk: Uint8Array) => controller.enqueue(chunk));
  incoming.on("end", () => controller.close());
  incoming.on("error", (error) => controller.error(error));
}

/** A promise that a handler waits for, what opens it, and how many handlers wait. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const waiting = { count: 0 };
  const handler = () => {
    waiting.count++;
    return opened;
  };
  return { open, handler, waiting };
}

type Options = Partial<Omit<CreateReceiverOptions<Catalog>, "on" | "inbox">> & {
  readonly on?: CreateReceiverOptions<Catalog>["on"];
  readonly inbox?: CreateReceiverOptions<Catalog>["inbox"];
};

async function serve(way: keyof typeof ways, options: Options = {}, before: Before = () => {}): Promise<string> {
  const receiver = createReceiver({
    secret,
    ...(options.inbox === undefined && { on: {} }),
    ...options,
  } as CreateReceiverOptions<Catalog> & { catalog: Catalog });
  const server = createServer(async (incoming, outgoing) => {
    const { status, headers, body } = await ways[way](receiver, incoming, before);
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
/** The same without a content-length. */
function chunked(body: string): RequestInit {
  return { ...post(body), body: new Blob([body]).stream(), duplex: "half" } as RequestInit;
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

/** The same for a request by node:http, which sends what fetch does not let one send. */
async function replyTo(sent: ClientRequest): Promise<{ status: number | undefined; code: string }> {
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.on("response", resolve).on("error", reject);
  });
  let text = "";
  for await (const chunk of incoming) text += chunk;
  const { status, error } = JSON.parse(text);
  return { status: incoming.statusCode, code: error?.code ?? status };
}

const failing = (error: unknown): Inbox => ({
  deliver: () => Promise.reject(error),
  reject: () => Promise.reject(error),
});
const answering = (status: "accepted" | "duplicate"): Inbox => ({
  deliver: async () => ({ status }),
  reject: async () => {},
});
const throwing = () => {
  throw new Error("handler");
};

const raise = (value: unknown): never => {
  throw value;
};
/** What user code may throw instead of an error; a frozen one cannot be given a cause or a code. */
const thrown = [undefined, null, Object.freeze(new Error("frozen")), Object.create(null)];
const hooks = (hook: () => unknown): Options => ({ onError: hook, onDelivery: hook });

type Row = [code: string, status: number, what: string, options: Options, init: () => RequestInit];

/** The table of the answers: what is sent, and what comes back. */
const rows: Row[] = [
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
  ["accepted", 200, "an event that an inbox took", { inbox: answering("accepted") }, delivery],
  ["duplicate", 200, "an event that an inbox has already", { inbox: answering("duplicate") }, delivery],
  ["PAYLOAD_MALFORMED", 400, "what is no event, kept by an inbox", { inbox: answering("accepted") }, () => post("{")],
  ["unhandled", 200, "any content-type", {}, () => post(JSON.stringify(event()), { "content-type": "image/png" })],
  [
    "unhandled",
    200,
    "the content-encoding identity",
    {},
    () => post(JSON.stringify(event()), { "content-encoding": "identity" }),
  ],
  ["METHOD_NOT_ALLOWED", 405, "GET", {}, () => ({ method: "GET" })],
  ["METHOD_NOT_ALLOWED", 405, "PUT", {}, () => ({ ...delivery(), method: "PUT" })],
  ["ENCODING_UNSUPPORTED", 415, "a compressed body", {}, () => post("{}", { "content-encoding": "br" })],
  ["unhandled", 200, "a body at the limit", { maxBytes: 400 }, () => post(JSON.stringify(event()).padEnd(400))],
  ["BODY_TOO_LARGE", 413, "a body over the limit", { maxBytes: 400 }, () => post(JSON.stringify(event()).padEnd(401))],
  [
    "BODY_TOO_LARGE",
    413,
    "a body over the limit that declares no length",
    { maxBytes: 400 },
    () => chunked("x".repeat(401)),
  ],
  ["unhandled", 200, "a body that declares no length", {}, () => chunked(JSON.stringify(event()))],
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
  ["PAYLOAD_INVALID", 400, "JSON that is no object", {}, () => post("[]")],
  ["unhandled", 200, "an object without an event's name", {}, () => post('{"test":true}')],
  [
    "unhandled",
    200,
    "an event without data",
    { on: { CONVERSATION_STARTED: throwing } },
    () => delivery({ data: null }),
  ],
  ["handled", 200, "a test delivery with a handler", { on: { UNRECOGNIZED: () => {} } }, () => post('{"ping":1}')],
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
  ["SECRET_MISSING", 500, "no secret, later", { secret: async () => null }, delivery],
  ["SECRET_MISSING", 500, "a blank secret", { secret: " \n" }, delivery],
  ["SECRET_MISSING", 500, "no secrets in a list", { secret: [] }, delivery],
  ["SECRET_MISSING", 500, "nothing usable in a list", { secret: ["", "undefined", null] }, delivery],
  ["unhandled", 200, "a blank secret beside the right one", { secret: [secret, ""] }, delivery],
  ["SECRET_MISSING", 500, "a secret function that throws", { secret: throwing }, delivery],
  ["SECRET_MISSING", 500, "a secret function that throws null", { secret: () => raise(null) }, delivery],
  ["SECRET_MISSING", 500, "a vault that is down", { secret: () => Promise.reject(undefined) }, delivery],
  ["unhandled", 200, "a secret function", { secret: () => secret }, delivery],
  ["unhandled", 200, "a secret function that takes its time", { secret: async () => [secret] }, delivery],
  ["unhandled", 200, "the second of several secrets", { secret: ["the next secret", secret] }, delivery],
  ["SIGNATURE_MISMATCH", 401, "several secrets, none the right one", { secret: ["one", "another"] }, delivery],
  ["INTERNAL", 500, "an inbox that fails in a way of its own", { inbox: failing(new Error("own way")) }, delivery],
  ["INTERNAL", 500, "an inbox that throws nothing at all", { inbox: failing(undefined) }, delivery],
  [
    "INTERNAL",
    500,
    "an inbox that throws a code nobody knows",
    { inbox: failing(Object.assign(new Error("own"), { name: "WebhookError", code: "OWN" })) },
    delivery,
  ],
  ...thrown.flatMap((value, at): Row[] => [
    [
      "HANDLER_FAILED",
      500,
      `a handler that throws oddity ${at}`,
      { on: { CONVERSATION_STARTED: () => raise(value) } },
      delivery,
    ],
    [
      "HANDLER_FAILED",
      500,
      `a handler that rejects with oddity ${at}`,
      { on: { CONVERSATION_STARTED: () => Promise.reject(value) } },
      delivery,
    ],
    [
      "handled",
      200,
      `hooks that throw oddity ${at}`,
      { ...hooks(() => raise(value)), on: { CONVERSATION_STARTED: () => {} } },
      delivery,
    ],
    [
      "METHOD_NOT_ALLOWED",
      405,
      `hooks that reject with oddity ${at}`,
      hooks(() => Promise.reject(value)),
      () => ({ method: "DELETE" }),
    ],
  ]),
];

/** Every code that is answered; the compiler keeps it whole. */
const CODES: Readonly<Record<Exclude<WebhookErrorCode, "CONFIG_INVALID">, true>> = {
  METHOD_NOT_ALLOWED: true,
  ENCODING_UNSUPPORTED: true,
  BODY_TOO_LARGE: true,
  BODY_TIMEOUT: true,
  BODY_CONSUMED: true,
  SIGNATURE_MISSING: true,
  SIGNATURE_MALFORMED: true,
  SIGNATURE_MISMATCH: true,
  EVENT_STALE: true,
  PAYLOAD_MALFORMED: true,
  PAYLOAD_INVALID: true,
  DELIVERY_BUSY: true,
  DELIVERY_CONFLICT: true,
  STORE_UNAVAILABLE: true,
  OVERLOADED: true,
  HANDLER_FAILED: true,
  SECRET_MISSING: true,
  INTERNAL: true,
};
/** The codes that take more than one request, or half of one. */
const ELSEWHERE = ["BODY_TIMEOUT", "BODY_CONSUMED", "DELIVERY_BUSY", "OVERLOADED"];

describe.each(["receive", "fetch"] as const)("answers over HTTP, by %s", (way) => {
  it.each(rows)("%s, %i: %s", async (code, status, _, options, init) => {
    const got = await answer(await serve(way, options), init());
    expect([got.status, got.code]).toEqual([status, code]);
    expect(got.headers.get("content-type")).toBe("application/json");
    expect(got.headers.get("allow")).toBe(status === 405 ? "POST" : null);
    expect(got.headers.get("retry-after")).toBe(status === 503 ? "5" : null);
    expect(got.text.length).toBeLessThan(400);
    expect(JSON.parse(got.text)).toEqual(
      status === 200 ? { status: code } : { error: expect.objectContaining({ code, message: expect.any(String) }) },
    );
  });

  it("BODY_TIMEOUT, 408: a body that stops coming", async () => {
    const url = await serve(way, { bodyTimeoutMs: 50 });
    const headers = { "content-length": "100", "x-signature": sign("") };
    const sent = request(url, { method: "POST", headers, agent: false });
    sent.write("half");
    expect(await replyTo(sent)).toMatchObject({ status: 408, code: "BODY_TIMEOUT" });
    sent.destroy();
  });

  it("BODY_CONSUMED, 500: a body that was already read, without waiting", async () => {
    const read: Before = async (source) => {
      for await (const _ of source instanceof Request ? [await source.text()] : source);
    };
    const url = await serve(way, { bodyTimeoutMs: 60_000 }, read);
    expect(await answer(url, delivery())).toMatchObject({ status: 500, code: "BODY_CONSUMED" });
  });

  it("BODY_CONSUMED, 500: a stream of text, or one with another reader", async () => {
    const take: Before = (source) =>
      source instanceof Request ? source.body?.getReader() : source.setEncoding("utf8");
    const url = await serve(way, { bodyTimeoutMs: 60_000 }, take);
    expect(await answer(url, chunked(JSON.stringify(event())))).toMatchObject({ status: 500, code: "BODY_CONSUMED" });
    expect(await answer(url, delivery())).toMatchObject({ status: 500, code: "BODY_CONSUMED" });
  });

  it("checks up to eight values of a repeated header", async () => {
    const url = await serve(way);
    const body = JSON.stringify(event());
    const send = (junk: number) => {
      const signatures = [...Array(junk).fill("0".repeat(64)), sign(body)];
      const sent = request(url, { method: "POST", headers: { "x-signature": signatures }, agent: false });
      sent.end(body);
      return replyTo(sent);
    };
    expect(await send(1)).toMatchObject({ status: 200, code: "unhandled" });
    expect(await send(7)).toMatchObject({ status: 200, code: "unhandled" });
    expect(await send(8)).toMatchObject({ status: 401, code: "SIGNATURE_MISMATCH" });
  });

  it("DELIVERY_BUSY, 503, while the same event is being handled, then 200", async () => {
    const { open, handler, waiting } = gate();
    const url = await serve(way, { on: { CONVERSATION_STARTED: handler } });
    const init = delivery();
    const codes: string[] = [];
    const all = Array.from({ length: 31 }, () => answer(url, init).then(({ code }) => codes.push(code)));
    await expect.poll(() => codes).toEqual(Array(30).fill("DELIVERY_BUSY"));
    open();
    await Promise.all(all);
    expect(codes.at(-1)).toBe("handled");
    expect(await answer(url, init)).toMatchObject({ status: 200, code: "duplicate" });
    expect(waiting.count).toBe(1);
  });

  it("an event whose handler timed out stays busy until it settles and is then handled", async () => {
    const { open, handler, waiting } = gate();
    const url = await serve(way, { on: { CONVERSATION_STARTED: handler }, handlerTimeoutMs: 30 });
    const init = delivery();
    expect(await answer(url, init)).toMatchObject({ status: 500, code: "HANDLER_FAILED" });
    expect(await answer(url, init)).toMatchObject({ status: 503, code: "DELIVERY_BUSY" });
    open();
    await expect.poll(async () => (await answer(url, init)).code).toBe("duplicate");
    expect(waiting.count).toBe(1);
  });

  it("handles a failed delivery when it is sent again", async () => {
    const runs = [throwing, () => Promise.reject(null), () => {}];
    const url = await serve(way, { on: { CONVERSATION_STARTED: () => runs.shift()?.() } });
    const init = delivery();
    const codes = [];
    for (let attempt = 0; attempt < 4; attempt++) codes.push((await answer(url, init)).code);
    expect(codes).toEqual(["HANDLER_FAILED", "HANDLER_FAILED", "handled", "duplicate"]);
  });

  it("OVERLOADED, 503, above maxInFlight only", async () => {
    const { open, handler, waiting } = gate();
    const url = await serve(way, { on: { CONVERSATION_STARTED: handler }, maxInFlight: 2 });
    const first = [answer(url, delivery()), answer(url, delivery())];
    await expect.poll(() => waiting.count).toBe(2);
    const third = await answer(url, delivery());
    open();
    expect(third).toMatchObject({ status: 503, code: "OVERLOADED" });
    expect(third.headers.get("retry-after")).toBe("5");
    expect((await Promise.all(first)).map(({ code }) => code)).toEqual(["handled", "handled"]);
    expect(await answer(url, delivery())).toMatchObject({ code: "handled" });
  });

  it.each([
    ["a body over the limit", "POST", { "content-length": "100000" }, "x".repeat(100_000), 413],
    ["a body over the limit without its length", "POST", {}, "x".repeat(100_000), 413],
    ["another method", "PUT", { "content-length": "100000" }, "x".repeat(100_000), 405],
    ["an encoding", "POST", { "content-encoding": "gzip" }, "{}", 415],
    ["a forged delivery", "POST", { "x-signature": "0".repeat(64) }, "{}", 401],
  ] as const)("serves the connection's next request after %s", async (_, method, headers, body, refused) => {
    const url = await serve(way, { maxBytes: 50_000 });
    // With one socket, a second request waits for the first one's connection, or opens a new one where that was closed.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = async (verb: string, given: Record<string, string>, content: string) => {
      const sent = request(url, { method: verb, headers: given, agent });
      sent.end(content);
      return { ...(await replyTo(sent)), reused: sent.reusedSocket };
    };
    expect(await send(method, headers, body)).toMatchObject({ status: refused, reused: false });
    const text = JSON.stringify(event());
    const next = await send("POST", { "x-signature": sign(text) }, text);
    agent.destroy();
    expect(next).toMatchObject({ status: 200, reused: true });
  });

  it("serves the next client after one disconnects during its body", async () => {
    const errors: string[] = [];
    let arrived = 0;
    const url = await serve(way, { onError: (error) => errors.push(error.code) }, () => arrived++);
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\nx-signature: ${"0".repeat(64)}\r\ncontent-length: 1000\r\n\r\nhalf`);
    await expect.poll(() => arrived).toBe(1);
    socket.destroy();
    await expect.poll(() => errors).toEqual(["BODY_TIMEOUT"]);
    expect(await answer(url, delivery())).toMatchObject({ status: 200 });
  });

  it("has a row or a test for every answered code", () => {
    const staged = new Set([...rows.map(([code]) => code), ...ELSEWHERE]);
    for (const code of Object.keys(CODES)) expect(staged).toContain(code);
  });
});
