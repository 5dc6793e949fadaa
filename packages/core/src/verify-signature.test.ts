import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isWebhookError, type WebhookErrorCode } from "./errors/webhook-error.ts";
import type { Secret } from "./verify/secret.ts";
import { type VerifySignatureOptions, verifySignature } from "./verify-signature.ts";

const secret = "the signing secret";
const body = '{"event":"CONVERSATION_STARTED"}';

function sign(bytes: string | Uint8Array, key: string = secret): string {
  return createHmac("sha256", key).update(bytes).digest("hex");
}

function request(content: BodyInit, signature: string, headers: Record<string, string> = {}): Request {
  return new Request("http://localhost/", {
    method: "POST",
    body: content,
    headers: { "x-signature": signature, ...headers },
  });
}

async function codeOf(
  source: Parameters<typeof verifySignature>[0],
  options: VerifySignatureOptions,
): Promise<WebhookErrorCode> {
  const error: unknown = await verifySignature(source, options).catch((caught: unknown) => caught);
  if (!isWebhookError(error)) throw new Error("expected a WebhookError", { cause: error });
  return error.code;
}

describe("verifySignature", () => {
  it("resolves to the bytes of a correctly signed request", async () => {
    const verified = await verifySignature(request(body, sign(body)), { secret });
    expect(new TextDecoder().decode(verified)).toBe(body);
  });

  it.each([
    ["a string", body],
    ["bytes", new TextEncoder().encode(body)],
    ["a Buffer", Buffer.from(body)],
    ["an ArrayBuffer", new TextEncoder().encode(body).buffer],
    ["a view into a larger buffer", new TextEncoder().encode(`..${body}..`).subarray(2, 2 + body.length)],
  ])("takes the body as %s", async (_, form) => {
    const verified = await verifySignature({ body: form, signature: sign(body) }, { secret });
    expect(new TextDecoder().decode(verified)).toBe(body);
  });

  it("covers the exact bytes, including a BOM and invalid UTF-8", async () => {
    const bom = Uint8Array.of(0xef, 0xbb, 0xbf, ...Buffer.from(body));
    const broken = Uint8Array.of(...Buffer.from(body), 0xff);
    expect(await verifySignature(request(bom, sign(bom)), { secret })).toEqual(bom);
    expect(await verifySignature(request(broken, sign(broken)), { secret })).toEqual(broken);
    expect(await codeOf(request(bom, sign(body)), { secret })).toBe("SIGNATURE_MISMATCH");
    expect(await codeOf(request(broken, sign(`${body}\ufffd`)), { secret })).toBe("SIGNATURE_MISMATCH");
  });

  it.each([0, 1, 65_535, 65_536, 65_537, 1_048_576])("verifies a body of %i bytes", async (length) => {
    const bytes = new Uint8Array(length).fill(0x61);
    expect(await verifySignature({ body: bytes, signature: sign(bytes) }, { secret })).toHaveLength(length);
    expect(await codeOf({ body: bytes, signature: sign(`${length}`) }, { secret })).toBe("SIGNATURE_MISMATCH");
  });

  it.each(["k", "k".repeat(64), "k".repeat(65), "k".repeat(200), "ключ 🔑", " spaced ", "sha256="])(
    "takes a secret of any shape: %j",
    async (key) => {
      expect(await verifySignature({ body, signature: sign(body, key) }, { secret: key })).toHaveLength(body.length);
      expect(await codeOf({ body, signature: sign(body, `${key}x`) }, { secret: key })).toBe("SIGNATURE_MISMATCH");
    },
  );

  it("distinguishes more secrets than it caches", async () => {
    for (let round = 0; round < 2; round++) {
      for (let at = 0; at < 200; at++) {
        expect(
          await verifySignature({ body, signature: sign(body, `secret ${at}`) }, { secret: `secret ${at}` }),
        ).toHaveLength(body.length);
      }
    }
  });

  it.each([0, 1, 2])("accepts the secret at position %i of several", async (position) => {
    const several = ["first", "second", "third"];
    expect(await verifySignature({ body, signature: sign(body, several[position]) }, { secret: several })).toHaveLength(
      body.length,
    );
  });

  it.each<[string, Secret]>([
    ["a function", () => secret],
    ["an async function", async () => secret],
    ["a function that gives several", () => ["old", secret]],
    ["an async function that gives several", async () => [secret, "old"]],
  ])("asks %s for the secret", async (_, source) => {
    expect(await verifySignature({ body, signature: sign(body) }, { secret: source })).toHaveLength(body.length);
  });

  const failing: [string, Secret][] = [
    ["an empty one", ""],
    ["a blank one", " \t\n"],
    ["none", []],
    ["nothing usable in a list", ["", " \n", null, undefined, "undefined", "null"]],
    ["what a template string makes of a missing variable", "undefined"],
    ["a function that gives nothing", () => undefined],
    ["a function that gives null", () => null],
    ["an async function that gives nothing", async () => undefined],
    [
      "a function that throws",
      () => {
        throw new Error("vault is sealed");
      },
    ],
    ["an async function that rejects", () => Promise.reject(new Error("vault is sealed"))],
  ];
  it.each(failing)("fails closed without a secret: %s", async (_, source) => {
    for (const signature of [sign(body), sign(body, ""), "no signature"]) {
      expect(await codeOf({ body, signature }, { secret: source })).toBe("SECRET_MISSING");
    }
  });

  it("sets the cause when a secret function fails", async () => {
    const cause = new Error("vault is sealed");
    const failed = verifySignature({ body, signature: sign(body) }, { secret: () => Promise.reject(cause) });
    await expect(failed).rejects.toMatchObject({ code: "SECRET_MISSING", cause });
  });

  it("checks for a signature first, then for a secret, then compares", async () => {
    expect(await codeOf({ body, signature: null }, { secret: "" })).toBe("SIGNATURE_MISSING");
    expect(await codeOf({ body, signature: undefined }, { secret })).toBe("SIGNATURE_MISSING");
    expect(await codeOf({ body, signature: " " }, { secret })).toBe("SIGNATURE_MISSING");
    expect(await codeOf({ body, signature: "zz" }, { secret: "" })).toBe("SECRET_MISSING");
    expect(await codeOf({ body, signature: "zz" }, { secret })).toBe("SIGNATURE_MALFORMED");
  });

  it("tries up to eight values of a repeated header", async () => {
    const wrong = sign("something else");
    const many = [...Array.from({ length: 7 }, () => wrong), sign(body)];
    expect(await verifySignature({ body, signature: ["junk", sign(body)] }, { secret })).toHaveLength(body.length);
    expect(await verifySignature(request(body, many.join(", ")), { secret })).toHaveLength(body.length);
    expect(await codeOf({ body, signature: [wrong, ...many] }, { secret })).toBe("SIGNATURE_MISMATCH");
    expect(await codeOf({ body, signature: ["junk", wrong] }, { secret })).toBe("SIGNATURE_MISMATCH");
    expect(await codeOf({ body, signature: ["junk", "more junk"] }, { secret })).toBe("SIGNATURE_MALFORMED");
  });

  it("refuses a body over the limit while reading it, without waiting for its end", async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      async pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(1_000));
        await new Promise((resolve) => setTimeout(resolve, 1));
      },
    });
    const streamed = new Request("http://localhost/", {
      method: "POST",
      body: endless,
      headers: { "x-signature": sign("") },
      duplex: "half",
    } as RequestInit);
    expect(await codeOf(streamed, { secret, maxBytes: 10_000, bodyTimeoutMs: 60_000 })).toBe("BODY_TOO_LARGE");
    expect(pulled).toBeLessThan(30);
    expect(await codeOf({ body: "four", signature: sign("four") }, { secret, maxBytes: 3 })).toBe("BODY_TOO_LARGE");
    expect(await verifySignature({ body: "four", signature: sign("four") }, { secret, maxBytes: 4 })).toHaveLength(4);
  });

  it("refuses a body that does not end in time or breaks off", async () => {
    const stuck = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(3)) });
    const broken = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error("reset")) });
    const options = { secret, bodyTimeoutMs: 20 };
    for (const stream of [stuck, broken]) {
      const init = {
        method: "POST",
        body: stream,
        headers: { "x-signature": sign(body) },
        duplex: "half",
      } as RequestInit;
      expect(await codeOf(new Request("http://localhost/", init), options)).toBe("BODY_TIMEOUT");
    }
  });

  it("refuses a consumed request, one that is being read and a parsed body", async () => {
    const read = request(body, sign(body));
    await read.text();
    const locked = request(body, sign(body));
    locked.body?.getReader();
    const parsed: unknown = { body: JSON.parse(body), signature: sign(body) };
    for (const source of [read, locked, parsed]) {
      expect(await codeOf(source as Request, { secret })).toBe("BODY_CONSUMED");
    }
    const framework: unknown = {
      headers: { "x-signature": sign(body) },
      body: JSON.parse(body),
      signature: sign(body),
    };
    expect(await codeOf(framework as Request, { secret })).toBe("BODY_CONSUMED");
    for (const gone of [undefined, null, 5]) {
      expect(await codeOf({ body: gone as unknown as string, signature: sign("") }, { secret })).toBe("BODY_CONSUMED");
    }
  });

  it("supports another header and other signed content", async () => {
    const scheme: VerifySignatureOptions["scheme"] = {
      header: "X-Popp-Hmac",
      signedContent: (bytes, header) => `${header("x-timestamp")}.${new TextDecoder().decode(bytes)}`,
    };
    const signed = request(body, "ignored", { "x-popp-hmac": sign(`17.${body}`), "x-timestamp": "17" });
    expect(await verifySignature(signed, { secret, scheme })).toHaveLength(body.length);
    const unsigned = request(body, sign(body));
    expect(await codeOf(unsigned, { secret, scheme })).toBe("SIGNATURE_MISSING");
    const failing = {
      signedContent: () => {
        throw new Error("no");
      },
    };
    expect(await codeOf({ body, signature: sign(body) }, { secret, scheme: failing })).toBe("INTERNAL");
  });

  it.each<[string, unknown]>([
    ["an object without a prototype", Object.create(null)],
    ["an object whose toString throws", { toString: () => expect.unreachable("it is called") }],
    ["a list of one", [Object.create(null)]],
    ["a symbol", Symbol("signature")],
  ])("refuses a signature that is no text: %s", async (_, signature) => {
    expect(await codeOf({ body, signature: signature as string }, { secret })).toBe("SIGNATURE_MALFORMED");
  });

  it("names a source that has no headers, as Hono's `c.req`", async () => {
    const source = { header: () => sign(body), arrayBuffer: async () => body };
    await expect(verifySignature(source as unknown as Request, { secret })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: "verifySignature: `source` must be a Request, or { body, signature }, received object.",
    });
  });

  it.each<[string, unknown]>([
    ["a record", { "x-signature": sign(body) }],
    ["a record of another case, with a list", { "X-Signature": [sign(body)] }],
    ["a Map", new Map([["X-Signature", sign(body)]])],
    ["a list of pairs", [["X-Signature", sign(body)]]],
  ])("finds the signature of a wrapped request whose headers are %s", async (_, headers) => {
    const bytes = new TextEncoder().encode(body);
    const source = { headers, bodyUsed: false, arrayBuffer: async () => bytes.buffer };
    await expect(verifySignature(source as unknown as Request, { secret })).resolves.toEqual(bytes);
  });

  it("does not need the getter `bodyUsed` of a request", async () => {
    const wrapped = (of: Request) =>
      Object.defineProperty(of, "bodyUsed", {
        get: () => {
          throw new TypeError("Illegal invocation");
        },
      });
    expect(await verifySignature(wrapped(request(body, sign(body))), { secret })).toHaveLength(body.length);
    expect(await codeOf(wrapped(request(body, sign("other"))), { secret })).toBe("SIGNATURE_MISMATCH");
    const read = request(body, sign(body));
    await read.text();
    expect(await codeOf(wrapped(read), { secret })).toBe("BODY_CONSUMED");
  });

  const SPARSE = Object.assign(Array<string>(3), { 1: secret });

  it("ignores the holes of a sparse list of secrets", async () => {
    expect(await verifySignature({ body, signature: sign(body) }, { secret: SPARSE })).toHaveLength(body.length);
    expect(await codeOf({ body, signature: sign(body, "undefined") }, { secret: SPARSE })).toBe("SIGNATURE_MISMATCH");
    expect(await codeOf({ body, signature: sign(body, "undefined") }, { secret: Array<string>(2) })).toBe(
      "SECRET_MISSING",
    );
  });

  it.each<[option: string, given: object, message: string]>([
    ["scheme", { scheme: "x" }, "must be of type object, received string."],
    ["header", { scheme: { header: 7 } }, "must be of type string, received 7."],
    ["signedContent", { scheme: { signedContent: "x" } }, "must be of type function, received string."],
    ["bodyTimeoutMs", { bodyTimeoutMs: 3e9 }, "must be a number from 1 to 2147483647, received 3000000000."],
    ["secretTimeoutMs", { secretTimeoutMs: 3e9 }, "must be a number from 1 to 2147483647, received 3000000000."],
    ["maxBytes", { maxBytes: Number.NaN }, "must be a number from 1 to Infinity, received NaN."],
  ])("names the option that cannot be used: %s in %j", async (option, given, message) => {
    const options = { secret, ...given } as VerifySignatureOptions;
    for (const source of [request(body, sign(body)), { body, signature: sign(body) }]) {
      await expect(verifySignature(source, options)).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: `verifySignature: \`${option}\` ${message}`,
      });
    }
  });
});
