import { createHmac } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { createReceiver, verifySignature } from "../index.ts";

const secret = "the signing secret";
const RealPromise = globalThis.Promise;
afterEach(() => {
  globalThis.Promise = RealPromise;
});

/** As zone.js, bluebird and instrumentation do: what `async` functions give is no instance of it. */
function replacePromise(): void {
  globalThis.Promise = class Replaced<T> extends RealPromise<T> {} as PromiseConstructor;
}

/** Above 64 KiB bodies are verified by WebCrypto, which promises. */
const LARGE = JSON.stringify({
  event: "CONVERSATION_STARTED",
  eventId: "evt_1",
  data: { filler: "x".repeat(100_000) },
});

function delivery(signature: string) {
  const body = new TextEncoder().encode(LARGE);
  return { method: "POST", headers: { "x-signature": signature }, body };
}

describe("with a replaced global Promise", () => {
  it("does not accept a forged signature", async () => {
    replacePromise();
    let runs = 0;
    const { receive } = createReceiver({
      secret,
      on: { UNRECOGNIZED: () => ++runs, CONVERSATION_STARTED: () => ++runs },
    });
    for (const forged of ["nonsense", "0".repeat(64)]) {
      expect(await receive(delivery(forged))).toMatchObject({ status: 401 });
      await expect(verifySignature({ body: LARGE, signature: forged }, { secret })).rejects.toMatchObject({
        status: 401,
      });
    }
    expect(runs).toBe(0);
  });

  it("accepts a correct signature", async () => {
    replacePromise();
    const { receive } = createReceiver({ secret, on: {} });
    const signature = createHmac("sha256", secret).update(LARGE).digest("hex");
    expect(await receive(delivery(signature))).toMatchObject({ status: 200 });
  });
});

describe("promises that are functions, like those of Workers RPC", () => {
  /** Everything asked of it is there, and only waiting for it tells what it comes to. */
  const rpc = <T>(settling: () => Promise<T>): PromiseLike<T> =>
    new Proxy(() => {}, {
      get: (_, name) =>
        name === "then" ? (...on: Parameters<Promise<T>["then"]>) => settling().then(...on) : rpc(settling),
    }) as unknown as PromiseLike<T>;

  it("are awaited when a handler returns one", async () => {
    const on = { UNRECOGNIZED: () => rpc(() => Promise.reject(new Error("down"))) };
    const { receive } = createReceiver({ secret, on });
    const body = '{"event":"NEW","data":{}}';
    const headers = { "x-signature": createHmac("sha256", secret).update(body).digest("hex") };
    expect(await receive({ method: "POST", headers, body })).toMatchObject({ status: 500 });
  });

  it("are awaited when the secret is one", async () => {
    const body = '{"event":"NEW","data":{}}';
    const signature = createHmac("sha256", secret).update(body).digest("hex");
    const vault = () => rpc(async () => secret) as Promise<string>;
    await expect(verifySignature({ body, signature }, { secret: vault })).resolves.toBeInstanceOf(Uint8Array);
    await expect(verifySignature({ body, signature: "0".repeat(64) }, { secret: vault })).rejects.toMatchObject({
      code: "SIGNATURE_MISMATCH",
    });
  });
});
