import { createHmac } from "node:crypto";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Inbox } from "./deliver/inbox.ts";
import { isWebhookError, WebhookError, type WebhookErrorCode } from "./errors/webhook-error.ts";
import type { Catalog } from "./events/event.ts";
import type { Delivery } from "./read/delivery.ts";
import { createReceiver } from "./receiver.ts";
import type { CreateReceiverOptions } from "./receiver-options.ts";
import { verifySignature } from "./verify-signature.ts";

const secret = "SECRET-hunter2-hunter2";
const personal = "PERSONAL-amara-okafor";
const body = JSON.stringify({
  event: "CONVERSATION_STARTED",
  eventId: "e",
  eventTimestamp: "2020-01-01T00:00:00Z",
  data: { recordId: "r", organizationId: "o", note: personal, [personal]: 1 },
});
const digest = (text: string) => createHmac("sha256", secret).update(text).digest();
const sign = (text: string) => digest(text).toString("hex");
const forged = "f0".repeat(32);
const broken = `{"event":"${personal}"`;
const wrong = JSON.stringify([{ event: 5, data: personal, [personal]: personal }]);

/** What is printed, by whichever way: vitest's console does not write to the process's streams. */
const printed: string[] = [];
const METHODS = ["log", "info", "warn", "error", "debug", "trace", "dir"] as const;
beforeEach(() => {
  printed.length = 0;
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  for (const method of METHODS)
    vi.spyOn(console, method).mockImplementation((...values: unknown[]) => void printed.push(inspect(values)));
});
afterEach(() => vi.restoreAllMocks());

/** Every eight characters in a row of what must not be seen, so that half of it is found too. */
const fragments = [secret, personal, forged, ...[body, broken, wrong, "{}"].flatMap(spellings)].flatMap((hidden) =>
  Array.from({ length: hidden.length - 7 }, (_, at) => hidden.slice(at, at + 8)),
);
function spellings(text: string): string[] {
  return [sign(text), sign(text).toUpperCase(), digest(text).toString("base64"), digest(text).toString("base64url")];
}
const leaksOf = (seen: string) => fragments.filter((fragment) => seen.includes(fragment));

type Options = Partial<CreateReceiverOptions<Catalog>>;
interface Staged {
  readonly options?: Options;
  readonly method?: string;
  readonly body?: Delivery["body"];
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** How many of the same are sent at once. */
  readonly times?: number;
}
const fail = (): never => {
  throw new Error(`user code knows ${personal} and ${secret}`);
};
const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
const failing = (code: "DELIVERY_CONFLICT" | "STORE_UNAVAILABLE"): Inbox => {
  const reject = async () => {
    throw new WebhookError(code, "The store says no.", { cause: new Error(personal) });
  };
  return { deliver: reject, reject };
};
async function* halting() {
  yield Buffer.from(body.slice(0, -9));
  await new Promise(() => {});
}

/** Each refusal, staged with a secret, a signature and a body that must not be seen again. */
const refusals: Readonly<Record<Exclude<WebhookErrorCode, "CONFIG_INVALID">, readonly Staged[]>> = {
  METHOD_NOT_ALLOWED: [{ method: "PUT" }, { method: personal }],
  ENCODING_UNSUPPORTED: [
    { headers: { "content-encoding": `gzip, ${personal}` }, body: Buffer.from("\u001f\u008b", "latin1") },
  ],
  BODY_TOO_LARGE: [{ options: { maxBytes: 5 } }, { headers: { "content-length": "9".repeat(9) } }],
  BODY_TIMEOUT: [{ options: { bodyTimeoutMs: 5 }, body: halting() }],
  BODY_CONSUMED: [{ body: JSON.parse(body) }],
  SIGNATURE_MISSING: [{ headers: { "x-signature": undefined } }],
  SIGNATURE_MALFORMED: [
    { headers: { "x-signature": forged.slice(1) } },
    { headers: { "x-signature": sign(body).slice(1) } },
  ],
  SIGNATURE_MISMATCH: [{ headers: { "x-signature": forged } }],
  EVENT_STALE: [{ options: { maxAgeSeconds: 1 } }],
  PAYLOAD_MALFORMED: [{ body: broken }],
  PAYLOAD_INVALID: [{ body: wrong }, { body: `"${personal}"` }],
  DELIVERY_BUSY: [{ options: { on: { CONVERSATION_STARTED: pause } }, times: 2 }],
  DELIVERY_CONFLICT: [{ options: { inbox: failing("DELIVERY_CONFLICT") } }],
  STORE_UNAVAILABLE: [
    { options: { inbox: failing("STORE_UNAVAILABLE") } },
    { options: { inbox: failing("STORE_UNAVAILABLE") }, body: broken },
  ],
  OVERLOADED: [{ options: { on: { CONVERSATION_STARTED: pause }, maxInFlight: 1 }, times: 2 }],
  HANDLER_FAILED: [
    { options: { on: { CONVERSATION_STARTED: fail } } },
    { options: { on: { CONVERSATION_STARTED: async () => fail() } } },
    { options: { on: { CONVERSATION_STARTED: pause }, handlerTimeoutMs: 1 } },
  ],
  SECRET_MISSING: [{ options: { secret: [`${secret}`.slice(0, 0), `{${secret}}`] } }, { options: { secret: fail } }],
  INTERNAL: [{ options: { scheme: { signedContent: fail } } }, { options: { inbox: { deliver: fail, reject: fail } } }],
};
const staged = Object.entries(refusals).flatMap(([code, list]) =>
  list.map((one, at) => [code, at, one] as readonly [WebhookErrorCode, number, Staged]),
);

/** All of an error that a log would show, but what user code threw: its `cause`. */
function shown(error: WebhookError): string {
  const { name, code, status, issues, message, stack } = error;
  const others = Object.entries(error).filter(([key]) => key !== "cause");
  return inspect([name, code, status, issues, message, stack?.split("\n    at")[0], others], { depth: null });
}

describe("no secret, signature or body text leaks", () => {
  it.each(staged)("with %s, %i", async (code, _, { options = {}, method = "POST", headers, times = 1, ...rest }) => {
    const told: WebhookError[] = [];
    const seen: string[] = [];
    const receiver = createReceiver({
      secret,
      ...(options.inbox === undefined && { on: {} }),
      onError: (error, report) => seen.push(inspect(report), shown(error)) && told.push(error),
      onDelivery: (outcome, report) => seen.push(inspect([outcome, report], { depth: null })),
      ...options,
    } as CreateReceiverOptions<Catalog> & { catalog: Catalog });
    const sent = "body" in rest ? rest.body : body;
    const signed = { "x-signature": sign(typeof sent === "string" ? sent : body), ...headers };
    const all = Array.from({ length: times }, () => receiver.receive({ method, headers: signed, body: sent }));
    const replies = await Promise.all(all);
    expect(told.map((error) => error.code)).toEqual([code]);
    expect(leaksOf([...seen, inspect(replies, { depth: null })].join())).toEqual([]);
    expect(printed).toEqual([]);
  });

  it("with options that cannot work", () => {
    for (const options of [{}, { on: {}, maxBytes: 0 }, { on: { CONVERSATION_ENDED: () => {} } }]) {
      expect(() => createReceiver({ secret, ...options } as never)).toThrow(
        expect.toSatisfy((error: unknown) => isWebhookError(error, "CONFIG_INVALID") && !leaksOf(shown(error)).length),
      );
    }
  });

  it.each([
    ["SIGNATURE_MISSING", { body, signature: null }, secret],
    ["SIGNATURE_MALFORMED", { body, signature: sign(body).slice(1) }, secret],
    ["SIGNATURE_MISMATCH", { body, signature: forged }, secret],
    ["BODY_CONSUMED", { body: JSON.parse(body), signature: sign(body) }, secret],
    ["SECRET_MISSING", { body, signature: sign(body) }, [`{${secret}}`, " "]],
  ] as const)("with %s of verifySignature", async (code, source, given) => {
    const error: unknown = await verifySignature(source, { secret: given }).catch((caught: unknown) => caught);
    if (!isWebhookError(error, code)) throw error;
    expect(leaksOf(shown(error) + JSON.stringify(error) + String(error))).toEqual([]);
    expect(printed).toEqual([]);
  });

  it("and successful deliveries print nothing", async () => {
    const { receive } = createReceiver({ secret, on: { CONVERSATION_STARTED: () => {} } });
    const reply = await receive({ method: "POST", headers: { "x-signature": sign(body) }, body });
    expect(reply).toMatchObject({ status: 200 });
    expect(leaksOf(inspect(reply))).toEqual([]);
    expect(printed).toEqual([]);
  });

  it("this test notices what a careless hook prints, and half a secret", () => {
    const { console: careless } = globalThis;
    for (const method of METHODS) careless[method]({ signature: sign(body) });
    process.stdout.write(personal);
    process.stderr.write(secret);
    expect(printed.map((text) => leaksOf(text).length > 0)).toEqual(Array(METHODS.length + 2).fill(true));
    expect(leaksOf(`…${secret.slice(7, 16)}`).length).toBeGreaterThan(0);
  });
});
