import { createHmac } from "node:crypto";
import { PassThrough, Readable } from "node:stream";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { createReceiver, type Delivery, verifySignature } from "../index.ts";

const secret = "the signing secret";
const text = '{"event":"X","data":{"name":"Zo\u00eb"}}';
const bytes = new TextEncoder().encode(text);
const signature = createHmac("sha256", secret).update(text).digest("hex");
const { receive, fetch: answer } = createReceiver({ secret, on: {}, onError: () => {} });

/** What became of a delivery: its status, and its code where it was refused. */
async function outcome(delivery: Partial<Record<keyof Delivery, unknown>>): Promise<string> {
  const given = { method: "POST", headers: { "x-signature": signature }, body: text, ...delivery };
  const { status, body } = await receive(given as Delivery);
  return `${status} ${JSON.parse(body).error?.code ?? ""}`.trim();
}

/** An object that answers what is read of it, and nothing that is asked with `in` or `instanceof`. */
function wrapped<T extends object>(target: T): T {
  return new Proxy(Object.create(null) as T, {
    get: (_, name) => {
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Something of another realm, as in Jest, Vitest with jsdom, and `vm`. */
const foreign = <T>(code: string): T => runInNewContext(code, { numbers: [...bytes] });

async function* chunks(...parts: readonly unknown[]): AsyncGenerator<unknown> {
  yield* parts;
}
function* syncChunks(...parts: readonly unknown[]): Generator<unknown> {
  yield* parts;
}
const stream = (...parts: readonly Uint8Array[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
const shared = () => {
  const memory = new Uint8Array(new SharedArrayBuffer(bytes.length));
  memory.set(bytes);
  return memory;
};
const [head, tail] = [bytes.slice(0, 7), bytes.slice(7)];

describe("a body of any host", () => {
  it.each<[string, () => unknown]>([
    ["text", () => text],
    ["bytes", () => bytes],
    ["a Buffer", () => Buffer.from(text)],
    ["an ArrayBuffer", () => new Uint8Array(bytes).buffer],
    ["a DataView", () => new DataView(new Uint8Array(bytes).buffer)],
    ["a part of a larger buffer", () => Buffer.concat([Buffer.from("xx"), bytes, Buffer.from("yy")]).subarray(2, -2)],
    ["shared memory", () => shared()],
    ["a buffer of shared memory", () => shared().buffer],
    ["bytes of another realm", () => foreign("Uint8Array.from(numbers)")],
    ["an ArrayBuffer of another realm", () => foreign("Uint8Array.from(numbers).buffer")],
    ["a DataView of another realm", () => foreign("new DataView(Uint8Array.from(numbers).buffer)")],
    ["a web stream", () => stream(head, tail)],
    ["a web stream behind a proxy", () => wrapped(stream(head, tail))],
    ["a Node stream", () => Readable.from([Buffer.from(text)])],
    ["a Node stream behind a proxy", () => wrapped(Readable.from([Buffer.from(text)]))],
    ["an async iterable", () => chunks(head, tail)],
    ["a sync iterable", () => syncChunks(head, tail)],
    ["a list of chunks", () => [head, tail]],
    ["a list of one Buffer", () => [Buffer.from(text)]],
    ["chunks of another realm", () => chunks(foreign("Uint8Array.from(numbers.slice(0, 7))"), tail)],
    ["chunks that are ArrayBuffers", () => chunks(head.buffer, tail.buffer)],
    ["a Blob", () => new Blob([bytes])],
    ["a request", () => new Request("https://app.example", { method: "POST", body: bytes })],
    ["a request behind a proxy", () => wrapped(new Request("https://app.example", { method: "POST", body: bytes }))],
    ["a request without a stream", () => ({ bodyUsed: false, arrayBuffer: async () => new Uint8Array(bytes).buffer })],
    [
      "a request of node-fetch, whose stream is Node's",
      () => ({ bodyUsed: false, body: Readable.from([Buffer.from(text)]), arrayBuffer: async () => bytes.buffer }),
    ],
    [
      "a polyfilled request, whose bytes are of another realm",
      () => ({ bodyUsed: false, body: undefined, arrayBuffer: async () => foreign("Uint8Array.from(numbers).buffer") }),
    ],
  ])("is read: %s", async (_, body) => {
    expect(await outcome({ body: body() })).toBe("200");
  });

  it("does not change after verification when its memory is shared", async () => {
    const memory = shared();
    const verified = await verifySignature({ body: memory, signature }, { secret });
    memory.fill(0);
    expect(Buffer.from(verified).toString()).toBe(text);
  });
});

describe("a consumed body", () => {
  const read = async (make: () => Request) => {
    const request = make();
    await request.text();
    return request;
  };
  it.each<[string, () => unknown]>([
    ["parsed JSON", () => JSON.parse(text)],
    ["a parsed array", () => []],
    ["a parsed array of texts", () => [text]],
    ["a parsed array of numbers", () => [...bytes]],
    ["a list of bytes and text", () => [head, text]],
    ["a parsed number", () => 7],
    ["a form", () => new FormData()],
    ["parsed form fields", () => new URLSearchParams("a=b").entries().next()],
    ["a request that was read", () => read(() => new Request("https://app.example", { method: "POST", body: bytes }))],
    ["a stream of text", () => chunks("{}")],
    ["a Node stream with an encoding", () => Readable.from([Buffer.from(text)]).setEncoding("utf8")],
    ["a stream of objects", () => chunks({ event: "X" })],
  ])("is refused as such: %s", async (_, body) => {
    expect(await outcome({ body: await body() })).toBe("500 BODY_CONSUMED");
  });

  it.each<[string, unknown, object]>([
    ["nothing where a length was announced", undefined, { "content-length": "131" }],
    ["an empty text where a length was announced", "", { "content-length": 131 }],
    ["a stream that ended before", new PassThrough().end(), { "content-length": "131" }],
    ["null", null, { "Content-Length": ["131"] }],
  ])("is refused as such, and not as a forgery: %s", async (_, body, headers) => {
    expect(await outcome({ body, headers: { "x-signature": signature, ...headers } })).toBe("500 BODY_CONSUMED");
  });

  it("is reported with a hint about setEncoding", async () => {
    const { body } = await receive({
      method: "POST",
      headers: { "x-signature": signature },
      body: chunks("{}") as never,
    });
    expect(JSON.parse(body).error.message).toContain("`setEncoding`");
  });
});

describe("a request that fails when its body is read", () => {
  const cause = new Error("the host's own");
  const failing = (): never => {
    throw cause;
  };
  const headers = new Headers({ "x-signature": signature });
  const request = { headers, bodyUsed: false, arrayBuffer: async () => bytes.buffer };

  it.each<[string, object]>([
    ["its arrayBuffer rejects", { ...request, arrayBuffer: () => Promise.reject(cause) }],
    ["its arrayBuffer throws", { ...request, arrayBuffer: failing }],
    ["its body getter throws", Object.defineProperty({ ...request }, "body", { get: failing })],
    ["its stream gives no reader", { ...request, body: { getReader: failing } }],
  ])("is an internal error with its cause, and not the sender's delay: %s", async (_, body) => {
    const errors: unknown[] = [];
    const receiver = createReceiver({ secret, on: {}, onError: (error) => errors.push(error) });
    expect((await receiver.receive({ method: "POST", headers, body } as Delivery)).status).toBe(500);
    expect(errors).toMatchObject([{ code: "INTERNAL", cause }]);
    await expect(verifySignature(body as Request, { secret })).rejects.toMatchObject({ code: "INTERNAL", cause });
  });

  it("is not to blame when its stream breaks off", async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(cause) });
    expect(await outcome({ body: { ...request, body: broken } })).toBe("408 BODY_TIMEOUT");
  });
});

describe("headers of any host", () => {
  it.each<[string, () => unknown]>([
    ["Headers", () => new Headers({ "X-Signature": signature })],
    ["Headers behind a proxy", () => wrapped(new Headers({ "x-signature": signature }))],
    ["a record", () => ({ "x-signature": signature })],
    ["a record in another case", () => ({ "X-SIGNATURE": signature })],
    ["a record without a prototype", () => Object.assign(Object.create(null), { "x-signature": signature })],
    ["a list of values", () => ({ "x-signature": [signature] })],
    ["a list within a list", () => ({ "x-signature": [[null, signature]] })],
    ["a Map", () => new Map([["X-Signature", signature]])],
    ["a Map in lower case", () => new Map([["x-signature", signature]])],
    ["a list of pairs", () => [["X-Signature", signature]]],
    ["another realm's record", () => foreign(`({ "X-Signature": ${JSON.stringify(signature)} })`)],
    ["a length that is a number", () => ({ "x-signature": signature, "content-length": bytes.length })],
    [
      "other values that are null",
      () => ({ "x-signature": signature, "content-encoding": null, "content-length": undefined }),
    ],
    [
      "other values that are numbers and booleans",
      () => ({ "x-signature": signature, "content-encoding": 0, dnt: true }),
    ],
  ])("are understood: %s", async (_, headers) => {
    expect(await outcome({ headers: headers() })).toBe("200");
  });

  it.each([undefined, null, {}, [], "", 7, [null], [undefined, 7], [[null, 1]], [Symbol("x")], ["x-signature", "1"]])(
    "that are missing cause no internal error: %j",
    async (headers) => {
      expect(await outcome({ headers })).toBe("401 SIGNATURE_MISSING");
    },
  );
});

describe("a content-encoding", () => {
  it.each([
    "identity",
    "Identity",
    "",
    "UTF-8",
    "utf8",
    "none",
    "binary",
    "8bit",
    "7bit",
    "aws-chunked",
    "utf-8, identity",
  ])("that leaves the bytes alone lets the signature decide: %j", async (encoding) => {
    const headers = { "x-signature": signature, "content-encoding": encoding };
    expect(await outcome({ headers, body: stream(bytes) })).toBe("200");
  });

  it.each([
    "gzip",
    "x-gzip",
    "GZIP",
    "br",
    "deflate",
    "zstd",
    "compress",
    "x-compress",
    "dcb",
    "gzip, identity",
    "identity,br",
  ])("that changes the bytes is refused: %j", async (encoding) => {
    const headers = { "x-signature": signature, "content-encoding": encoding };
    expect(await outcome({ headers, body: stream(bytes) })).toBe("415 ENCODING_UNSUPPORTED");
    expect(await outcome({ headers, body: Uint8Array.of(0x1f, 0x8b, 8, 0) })).toBe("415 ENCODING_UNSUPPORTED");
  });

  it.each<[string, unknown]>([
    ["text", text],
    ["bytes", bytes],
    ["nothing", ""],
  ])("is no matter where the decoded bytes are in hand: %s", async (_, body) => {
    const used = createHmac("sha256", secret)
      .update(body as string)
      .digest("hex");
    const headers = { "x-signature": used, "content-encoding": "gzip" };
    expect(await outcome({ headers, body })).not.toContain("415");
  });
});

describe("a method", () => {
  it.each(["POST", "post", "Post"])("is accepted in upper and lower case: %s", async (method) => {
    expect(await outcome({ method })).toBe("200");
  });
  it.each(["GET", "", undefined, null, 5, "POSTS", Symbol("POST"), Object.create(null)])(
    "is refused: %j",
    async (method) => {
      expect(await outcome({ method })).toBe("405 METHOD_NOT_ALLOWED");
    },
  );
});

describe("a body that is refused before it is read", () => {
  it.each<[string, () => unknown]>([
    [
      "an iterable whose return gives no promise",
      () => ({ [Symbol.asyncIterator]: () => ({ next: async () => ({}), return: () => 7 }) }),
    ],
    [
      "an iterable whose return throws",
      () => ({ [Symbol.asyncIterator]: () => ({ next: async () => ({}), return: () => JSON.parse("{") }) }),
    ],
    ["an iterable without return", () => ({ [Symbol.asyncIterator]: () => ({ next: async () => ({}) }) })],
    [
      "a stream whose cancel throws",
      () => ({ getReader: () => ({ read: () => JSON.parse("{"), cancel: () => JSON.parse("{") }) }),
    ],
    ["an object whose properties throw", () => new Proxy({}, { get: () => JSON.parse("{") })],
  ])("cannot turn 405 into 500: %s", async (_, body) => {
    expect(await outcome({ method: "GET", body: body() })).toBe("405 METHOD_NOT_ALLOWED");
  });
});

describe("verifySignature checks its options by name", () => {
  it.each<[string, unknown, unknown, string]>([
    ["no source", undefined, { secret }, "`source`"],
    ["null", null, { secret }, "`source`"],
    ["text as the source", text, { secret }, "`source`"],
    ["no options", { body: text, signature }, undefined, "`options`"],
    ["NaN bytes", { body: text, signature }, { secret, maxBytes: Number.NaN }, "`maxBytes`"],
    ["a size in words", { body: text, signature }, { secret, maxBytes: "1mb" }, "`maxBytes`"],
    ["no time", { body: text, signature }, { secret, bodyTimeoutMs: 0 }, "`bodyTimeoutMs`"],
    ["a time in words", { body: text, signature }, { secret, secretTimeoutMs: "10s" }, "`secretTimeoutMs`"],
  ])("%s", async (_, source, options, name) => {
    await expect(verifySignature(source as never, options as never)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining(`verifySignature: ${name}`),
    });
  });

  it("reads a request of node-fetch", async () => {
    const headers = new Headers({ "x-signature": signature });
    const request = { headers, bodyUsed: false, body: Readable.from([bytes]), arrayBuffer: async () => bytes.buffer };
    await expect(verifySignature(request as never, { secret })).resolves.toEqual(bytes);
  });
});

it("can be imported without TextEncoder, as under Jest with jsdom", async () => {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [new URL("../index.ts", import.meta.url).pathname],
    bundle: true,
    format: "iife",
    globalName: "core",
    mainFields: ["module", "main"],
    write: false,
  });
  const names = runInNewContext(`${outputFiles[0]?.text}; Object.keys(core).join()`, {});
  expect(names).toContain("verifySignature");
});

it("answers a fetch whose request is wrapped", async () => {
  const request = new Request("https://app.example", {
    method: "POST",
    body: text,
    headers: { "x-signature": signature },
  });
  expect((await answer(wrapped(request))).status).toBe(200);
});
