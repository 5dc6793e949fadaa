import { createHmac } from "node:crypto";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import type { Inbox } from "./deliver/inbox.ts";
import type { WebhookError } from "./errors/webhook-error.ts";
import { events } from "./events/catalog.ts";
import { createReceiver } from "./receiver.ts";
import type { DeliveryOutcome, DeliveryReport } from "./respond/report.ts";

const secret = "the signing secret";
const started = {
  event: "CONVERSATION_STARTED",
  eventId: "evt_1",
  eventTimestamp: "2026-11-01T12:00:00.000Z",
  data: { recordId: "conv_1", organizationId: "org_1" },
};

function signed(event: unknown): Request {
  const body = JSON.stringify(event);
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  return new Request("http://localhost/", { method: "POST", body, headers: { "x-signature": signature } });
}

function fail(): never {
  throw new Error("not now");
}

describe("createReceiver", () => {
  it("calls the handler of the event's name with the event", async () => {
    const seen: unknown[] = [];
    const { fetch } = createReceiver({
      secret,
      on: { CONVERSATION_STARTED: (event) => seen.push(event), DOCUMENT_UPLOADED: () => seen.push("wrong") },
    });
    const response = await fetch(signed(started));
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('{"status":"handled"}');
    expect(seen).toEqual([started]);
  });

  it("calls UNRECOGNIZED for unknown events, and handlers of an extended catalog", async () => {
    const names: string[] = [];
    const catalog = { ...events, OFFER_SENT: v.looseObject({ amount: v.number() }) };
    const receiver = createReceiver({
      secret,
      catalog,
      on: {
        UNRECOGNIZED: (event) => names.push(event.name),
        OFFER_SENT: (event) => names.push(`${event.data.amount}`),
      },
    });
    await receiver.fetch(signed({ ...started, event: "NEW_THING", eventId: "2" }));
    await receiver.fetch(signed({ ...started, event: "OFFER_SENT", eventId: "3", data: { amount: 5 } }));
    await receiver.fetch(signed({ ...started, event: "OFFER_SENT", eventId: "4", data: { amount: "5" } }));
    expect(names).toEqual(["NEW_THING", "5", "OFFER_SENT"]);
  });

  it("reports each delivery once and errors with their cause", async () => {
    const outcomes: [DeliveryOutcome, DeliveryReport][] = [];
    const errors: [WebhookError, DeliveryReport][] = [];
    let now = 1_000;
    const cause = new Error("database is down");
    const receiver = createReceiver({
      secret,
      now: () => now,
      on: {
        CONVERSATION_STARTED: () => {
          now += 7;
        },
        DOCUMENT_UPLOADED: () => {
          throw cause;
        },
      },
      onDelivery: (outcome, report) => outcomes.push([outcome, report]),
      onError: (error, report) => errors.push([error, report]),
    });
    await receiver.fetch(signed(started));
    await receiver.fetch(signed({ ...started, event: "DOCUMENT_UPLOADED", eventId: "evt_2" }));
    await receiver.fetch(signed({ ...started, event: "SOMETHING_NEW", eventId: undefined }));
    await receiver.fetch(new Request("http://localhost/"));
    expect(outcomes).toEqual([
      [
        { status: "handled" },
        {
          eventName: "CONVERSATION_STARTED",
          eventId: "evt_1",
          recordId: "conv_1",
          secretIndex: 0,
          httpStatus: 200,
          durationMs: 7,
        },
      ],
      [
        { status: "refused", code: "HANDLER_FAILED" },
        {
          eventName: "DOCUMENT_UPLOADED",
          eventId: "evt_2",
          recordId: "conv_1",
          secretIndex: 0,
          httpStatus: 500,
          durationMs: 0,
        },
      ],
      [
        { status: "unhandled" },
        { eventName: "SOMETHING_NEW", recordId: "conv_1", secretIndex: 0, httpStatus: 200, durationMs: 0 },
      ],
      [
        { status: "refused", code: "METHOD_NOT_ALLOWED" },
        { httpStatus: 405, durationMs: 0 },
      ],
    ]);
    expect(errors.map(([error, report]) => [error.code, error.cause, report.httpStatus])).toEqual([
      ["HANDLER_FAILED", cause, 500],
      ["METHOD_NOT_ALLOWED", undefined, 405],
    ]);
  });

  it("recognizes a known event by its name, whatever else its envelope contains", async () => {
    const names: unknown[] = [];
    const on = { CONVERSATION_STARTED: () => {} };
    const { fetch } = createReceiver({ secret, on, onDelivery: (_, { eventName }) => names.push(eventName) });
    await fetch(signed({ ...started, name: "Ada Lovelace", issues: [] }));
    await fetch(signed({ ...started, event: "NEW" }));
    expect(names).toEqual(["CONVERSATION_STARTED", "NEW"]);
  });

  it("ignores errors of hooks", async () => {
    const fail = () => {
      throw new Error("logger is down");
    };
    for (const hook of [fail, async () => fail()]) {
      const { fetch } = createReceiver({
        secret,
        on: { CONVERSATION_STARTED: () => {} },
        onDelivery: hook,
        onError: hook,
      });
      expect((await fetch(signed(started))).status).toBe(200);
      expect((await fetch(new Request("http://localhost/"))).status).toBe(405);
    }
  });

  it("checks an event's age only when configured and only with a readable timestamp", async () => {
    const now = () => Date.parse("2026-11-01T12:10:00.000Z");
    const on = {};
    const tolerant = createReceiver({ secret, on, now });
    const strict = createReceiver({ secret, on, now, maxAgeSeconds: 300 });
    const justInTime = createReceiver({ secret, on, now, maxAgeSeconds: 600 });
    expect((await tolerant.fetch(signed({ ...started, eventTimestamp: "1999-01-01T00:00:00Z" }))).status).toBe(200);
    expect(await (await strict.fetch(signed(started))).json()).toMatchObject({ error: { code: "EVENT_STALE" } });
    expect((await justInTime.fetch(signed(started))).status).toBe(200);
    expect((await strict.fetch(signed({ ...started, eventTimestamp: "soon" }))).status).toBe(200);
    expect((await strict.fetch(signed({ ...started, eventTimestamp: undefined }))).status).toBe(200);
  });

  it("passes events to the inbox as a method and other bodies to its reject", async () => {
    const taken: unknown[] = [];
    class Remembering implements Inbox {
      async deliver(...[delivery, event]: Parameters<Inbox["deliver"]>) {
        taken.push(this instanceof Remembering, new TextDecoder().decode(delivery.body), event, delivery.receivedAtMs);
        return { status: "accepted" } as const;
      }
      async reject(...[delivery, error]: Parameters<Inbox["reject"]>) {
        taken.push(new TextDecoder().decode(delivery.body), error.code);
      }
    }
    const { fetch } = createReceiver({ secret, inbox: new Remembering(), now: () => 5 });
    expect(await (await fetch(signed(started))).text()).toBe('{"status":"accepted"}');
    expect((await fetch(signed("no event"))).status).toBe(400);
    expect(taken).toEqual([true, JSON.stringify(started), started, 5, '"no event"', "PAYLOAD_INVALID"]);
  });

  it("never rejects for any input", async () => {
    const receiver = createReceiver({ secret, on: {} });
    expect((await receiver.fetch(null as unknown as Request)).status).toBe(500);
    expect(await receiver.receive(undefined as never)).toMatchObject({
      status: 500,
      body: expect.stringContaining("INTERNAL"),
    });
    expect(await receiver.receive({ method: "POST", headers: {}, body: 5 as never })).toMatchObject({ status: 500 });
  });

  it.each<[string, unknown]>([
    ["throws, as Next's `after` does outside of a request", { waitUntil: fail }],
    ["is no function", { waitUntil: "later" }],
    [
      "cannot be read",
      {
        get waitUntil() {
          return fail();
        },
      },
    ],
    ["is on no object", null],
  ])("answers, and keeps no place in flight, with a platform whose waitUntil %s", async (_, platform) => {
    const on = { CONVERSATION_STARTED: () => {} };
    const { fetch, receive } = createReceiver({ secret, on, maxInFlight: 1 });
    for (const _again of [1, 2]) expect((await fetch(signed(started), platform as object)).status).toBe(200);
    expect((await receive({ method: "GET", headers: {}, body: undefined }, platform as object)).status).toBe(405);
  });

  it("passes a late handler to waitUntil, even if the platform refuses it by then", async () => {
    let finish = () => {};
    const running = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { fetch } = createReceiver({
      secret,
      on: { CONVERSATION_STARTED: () => running },
      handlerTimeoutMs: 10,
    });
    const lent: Promise<unknown>[] = [];
    const waitUntil = (promise: Promise<unknown>) => (lent.push(promise) > 1 ? fail() : undefined);
    expect((await fetch(signed(started), { waitUntil })).status).toBe(500);
    expect(lent).toHaveLength(2);
    finish();
    await Promise.all(lent);
    expect(await (await fetch(signed(started), { waitUntil })).json()).toEqual({ status: "duplicate" });
  });

  it.each<[string, object]>([
    ["neither `on` nor `inbox`", {}],
    ["both", { on: {}, inbox: { deliver: async () => {}, reject: async () => {} } }],
    ["a limit of zero", { on: {}, maxBytes: 0 }],
    ["a limit that is no number", { on: {}, bodyTimeoutMs: Number.NaN }],
    ["a time that no timer takes", { on: {}, handlerTimeoutMs: 2 ** 31 }],
    ["handlers in a Map", { on: new Map([["CONVERSATION_STARTED", () => {}]]) }],
    ["a list of handlers", { on: [() => {}] }],
    ["a handler that is no function", { on: { CONVERSATION_STARTED: "run" } }],
    ["a handler that would never be called", { on: { CONVERSATION_STARTET: () => {} } }],
    ["a catalog that takes the name of the unrecognized", { on: {}, catalog: { UNRECOGNIZED: v.looseObject({}) } }],
  ])("refuses options that cannot work: %s", (_, options) => {
    expect(() => createReceiver({ secret, ...options } as never)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });

  it("can be created without a secret and reads it with each delivery", async () => {
    let current: string | undefined;
    const { fetch } = createReceiver({ secret: () => current, on: {} });
    expect(await (await fetch(signed(started))).json()).toMatchObject({ error: { code: "SECRET_MISSING" } });
    current = secret;
    expect((await fetch(signed(started))).status).toBe(200);
  });
});
