import { createHmac } from "node:crypto";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type CreateReceiverOptions,
  createReceiver,
  type Delivery,
  type DeliveryReport,
  WebhookError,
} from "../index.ts";

const secret = "the signing secret";
const error = vi.spyOn(console, "error");
const warn = vi.spyOn(console, "warn");

beforeEach(() => {
  error.mockImplementation(() => {});
  warn.mockImplementation(() => {});
  // The limits are the process's: each test starts with none used up.
  Reflect.deleteProperty(globalThis, Symbol.for("popp-webhooks.console-lines"));
});
afterEach(() => void vi.clearAllMocks());

const BODY = JSON.stringify({
  event: "DOCUMENT_UPLOADED",
  eventId: "evt_1",
  eventTimestamp: "2026-11-25T10:00:00Z",
  data: { recordId: "rec_personal", organizationId: "org_1" },
});

function genuine(body = BODY): Delivery {
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  return { method: "POST", headers: { "x-signature": signature }, body };
}

const failing: CreateReceiverOptions = {
  secret,
  on: {
    DOCUMENT_UPLOADED: () => {
      throw new RangeError("Jane Doe has no such index");
    },
  },
};
const inbox = (deliver: () => unknown) => ({ deliver: deliver as never, reject: async () => {} });

/** Even asking for its class throws. */
function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function errorWith(throwing: "name" | "message" | "cause"): unknown {
  const get = () => {
    throw new Error("unreadable");
  };
  return Object.defineProperty(new WebhookError("STORE_UNAVAILABLE", "Down."), throwing, { get });
}

describe("without onError, a receiver logs", () => {
  it.each<[string, CreateReceiverOptions, Delivery]>([
    ["HANDLER_FAILED", failing, genuine()],
    ["SECRET_MISSING", { secret: () => undefined, on: {} }, genuine()],
    ["BODY_CONSUMED", { secret, on: {} }, { ...genuine(), consumed: "It was parsed before." }],
    [
      "STORE_UNAVAILABLE",
      {
        secret,
        inbox: inbox(async () => {
          throw new WebhookError("STORE_UNAVAILABLE", "The store is down.");
        }),
      },
      genuine(),
    ],
    [
      "INTERNAL",
      {
        secret,
        inbox: inbox(() => {
          throw undefined;
        }),
      },
      genuine(),
    ],
  ])("of %s as an error", async (code, options, delivery) => {
    const { status } = await createReceiver(options).receive(delivery);
    expect(status).toBeGreaterThanOrEqual(500);
    expect(error.mock.calls).toHaveLength(1);
    expect(error.mock.calls[0]?.[0]).toMatch(new RegExp(`^\\[popp-webhooks\\] ${code}: [A-Z].*\\.`));
    expect(warn).not.toHaveBeenCalled();
  });

  it.each<[string, Partial<CreateReceiverOptions>, Partial<Delivery>]>([
    ["SIGNATURE_MISMATCH", {}, { headers: { "x-signature": "0".repeat(64) } }],
    ["SIGNATURE_MISSING", {}, { headers: {} }],
    ["BODY_TOO_LARGE", { maxBytes: 10 }, {}],
    ["METHOD_NOT_ALLOWED", {}, { method: "GET" }],
    ["PAYLOAD_MALFORMED", {}, genuine("{")],
    ["EVENT_STALE", { maxAgeSeconds: 1 }, {}],
  ])("of %s as a warning, at most one a minute", async (code, options, part) => {
    const { receive } = createReceiver({ secret, on: {}, ...options } as CreateReceiverOptions);
    for (let at = 0; at < 3; at++) await receive({ ...genuine(), ...part });
    expect(warn.mock.calls).toHaveLength(1);
    expect(warn.mock.calls[0]?.[0]).toMatch(new RegExp(`^\\[popp-webhooks\\] ${code}: [A-Z\`].*\\.`));
    expect(error).not.toHaveBeenCalled();
  });

  it("nothing for successful deliveries", async () => {
    await createReceiver({ secret, on: {} }).receive(genuine());
    expect([...error.mock.calls, ...warn.mock.calls]).toEqual([]);
  });

  it("the event's name and id and the error's class, and no personal data or secret", async () => {
    const delivery = genuine();
    await createReceiver(failing).receive(delivery);
    expect(error.mock.calls[0]?.[0]).toBe(
      '[popp-webhooks] HANDLER_FAILED: The handler failed. (event "DOCUMENT_UPLOADED", id "evt_1", cause RangeError) Page: errors/HANDLER_FAILED',
    );
  });
});

it("logs a handler's error that cannot be read", async () => {
  const on = {
    DOCUMENT_UPLOADED: () => {
      throw revoked();
    },
  };
  expect(await createReceiver({ secret, on }).receive(genuine())).toMatchObject({ status: 500 });
  expect(error.mock.calls).toEqual([[expect.stringContaining("HANDLER_FAILED: The handler failed.")]]);
});

describe("onError", () => {
  it("replaces the log lines and receives the known fields of the event", async () => {
    const reports: [WebhookError, DeliveryReport][] = [];
    await createReceiver({ ...failing, onError: (...told) => reports.push(told) }).receive(genuine());
    expect(reports).toHaveLength(1);
    expect(reports[0]?.[0]).toMatchObject({ code: "HANDLER_FAILED", cause: expect.any(RangeError) });
    expect(reports[0]?.[1]).toMatchObject({
      eventName: "DOCUMENT_UPLOADED",
      eventId: "evt_1",
      recordId: "rec_personal",
      httpStatus: 500,
    });
    expect([...error.mock.calls, ...warn.mock.calls]).toEqual([]);
  });

  it("silences the log lines as an empty function", async () => {
    await createReceiver({ ...failing, onError: () => {} }).receive(genuine());
    expect([...error.mock.calls, ...warn.mock.calls]).toEqual([]);
  });
});

describe("a receiver's clock", () => {
  it.each<[string, () => number]>([
    ["throws", () => JSON.parse("{")],
    ["gives NaN", () => Number.NaN],
    ["gives no number", () => undefined as never],
  ])("that %s fails no delivery", async (_, now) => {
    const reports: DeliveryReport[] = [];
    const { receive } = createReceiver({
      secret,
      on: {},
      now,
      maxAgeSeconds: 1e12,
      onDelivery: (_, r) => reports.push(r),
    });
    expect(await receive(genuine())).toMatchObject({ status: 200 });
    expect(reports[0]?.durationMs).toBeGreaterThanOrEqual(0);
  });
});

describe("a custom inbox", () => {
  it("that never settles is answered with 503 and frees its in-flight slot", async () => {
    const onError = vi.fn();
    const never = inbox(() => new Promise(() => {}));
    const { receive } = createReceiver({ secret, inbox: never, handlerTimeoutMs: 20, maxInFlight: 1, onError });
    for (let at = 0; at < 2; at++) expect(await receive(genuine())).toMatchObject({ status: 503 });
    expect(onError.mock.calls.map(([{ code }]) => code)).toEqual(["STORE_UNAVAILABLE", "STORE_UNAVAILABLE"]);
  });

  it("whose reject never settles is answered with 503", async () => {
    const never = { deliver: async () => ({ status: "accepted" as const }), reject: () => new Promise<void>(() => {}) };
    const { receive } = createReceiver({ secret, inbox: never, handlerTimeoutMs: 20, onError: () => {} });
    expect(await receive(genuine("[]"))).toMatchObject({ status: 503 });
  });

  it.each([undefined, null, "accepted", {}, { status: "stored" }])(
    "that returns %j is an internal error",
    async (odd) => {
      const onError = vi.fn();
      const { receive } = createReceiver({ secret, inbox: inbox(async () => odd), onError });
      expect(await receive(genuine())).toMatchObject({ status: 500 });
      expect(onError.mock.calls[0]?.[0]).toMatchObject({
        code: "INTERNAL",
        message: expect.stringContaining("status"),
      });
    },
  );

  it.each<[string, unknown, number, string]>([
    ["a proxy that allows nothing", revoked(), 500, "INTERNAL"],
    ["an error whose name throws", errorWith("name"), 500, "INTERNAL"],
    ["an error whose message throws", errorWith("message"), 500, "INTERNAL"],
    ["an error whose cause throws", errorWith("cause"), 500, "INTERNAL"],
    [
      "issues that JSON does not have",
      Object.assign(new WebhookError("STORE_UNAVAILABLE", "Down."), { issues: [1n] }),
      500,
      "INTERNAL",
    ],
    [
      "an error of another realm",
      runInNewContext(`Object.assign(new Error("Down."), { name: "WebhookError", code: "STORE_UNAVAILABLE" })`),
      503,
      "STORE_UNAVAILABLE",
    ],
  ])("that throws %s is answered and told, and gives its place back", async (_, thrown, status, code) => {
    const throwing = inbox(async () => {
      throw thrown;
    });
    const { receive } = createReceiver({ secret, inbox: throwing, maxInFlight: 1 });
    for (let at = 0; at < 2; at++) expect(await receive(genuine())).toMatchObject({ status });
    expect(error.mock.calls).toEqual(Array(2).fill([expect.stringContaining(`] ${code}: `)]));
  });

  it("receives a stale event as rejected, so that it is stored", async () => {
    const reject = vi.fn(async () => {});
    const deliver = vi.fn();
    const { receive } = createReceiver({ secret, inbox: { deliver, reject }, maxAgeSeconds: 1, onError: () => {} });
    expect(await receive(genuine())).toMatchObject({ status: 400 });
    expect(reject).toHaveBeenCalledWith(expect.anything(), expect.objectContaining({ code: "EVENT_STALE" }), {});
    expect(deliver).not.toHaveBeenCalled();
  });
});

describe("createReceiver checks its options by name", () => {
  it.each<[string, unknown, string]>([
    ["nothing", undefined, "`options` must be an object, received undefined"],
    ["null", null, "`options` must be an object, received null"],
    ["a secret that is a number", { secret: 7, on: {} }, "`secret` must be a string, a list of strings"],
    ["an inbox without deliver", { secret, inbox: { reject() {} } }, "`inbox` must be an inbox"],
    ["a clock that is none", { secret, on: {}, now: 7 }, "`now` must be of type function, received 7"],
    ["an onError that is none", { secret, on: {}, onError: true }, "`onError` must be of type function"],
    ["a size in words", { secret, on: {}, maxBytes: "1mb" }, "`maxBytes` must be a number from 1"],
    ["a scheme that is text", { secret, on: {}, scheme: "x-sig" }, "`scheme` must be of type object"],
    ["a header that is none", { secret, on: {}, scheme: { header: 1 } }, "`header` must be of type string"],
    ["no handlers", { secret }, "`on` must be an object with your handlers"],
  ])("%s", (_, options, message) => {
    const made = () => createReceiver(options as never);
    expect(made).toThrow(message);
    expect(made).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});

it("passes the signed bytes to a handler, with all digits of large numbers", async () => {
  const body = BODY.replace('"org_1"', '"org_1","big":9007199254740993');
  let seen = "";
  const on = {
    DOCUMENT_UPLOADED: (_: unknown, context: { body: Uint8Array }) => (seen = String(Buffer.from(context.body))),
  };
  expect(await createReceiver({ secret, on }).receive(genuine(body))).toMatchObject({ status: 200 });
  expect(seen).toBe(body);
});
