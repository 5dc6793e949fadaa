import { WebhookError } from "@popp-webhooks/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventOf, proxied, stage } from "../test/stage.ts";
import { memoryStore } from "./stores/memory/index.ts";

const error = vi.spyOn(console, "error");
const warn = vi.spyOn(console, "warn");

beforeEach(() => {
  error.mockImplementation(() => {});
  warn.mockImplementation(() => {});
  // The limits are per process: each test resets them.
  Reflect.deleteProperty(globalThis, Symbol.for("popp-webhooks.console-lines"));
});
afterEach(() => void vi.clearAllMocks());

const fails = () => {
  throw new RangeError("Jane Doe has no such index");
};

describe("without onError, an inbox logs", () => {
  it("a failed attempt as a warning, at most one a minute for each event name", async () => {
    const { inbox, send, until } = stage({
      on: { CONVERSATION_STARTED: fails },
      retryBaseMs: 60_000,
      retryMaxMs: 60_000,
    });
    inbox.start();
    for (const id of ["evt_1", "evt_2", "evt_3"]) await send(eventOf(id));
    await until("retry", 3);
    await inbox.close();
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toMatch(
      /^\[popp-webhooks\] HANDLER_FAILED: The handler failed at attempt 1 of 55\. The event is tried again in \d+ s\. \(event "CONVERSATION_STARTED", id "evt_\d", cause RangeError\) Page: errors\/HANDLER_FAILED$/,
    );
    expect(error).not.toHaveBeenCalled();
  });

  it("a dead event as an error", async () => {
    const { inbox, send, until } = stage({ on: { CONVERSATION_STARTED: fails }, maxAttempts: 1 });
    inbox.start();
    await send(eventOf("evt_1"));
    await until("dead");
    await inbox.close();
    expect(error.mock.calls).toEqual([
      [
        '[popp-webhooks] HANDLER_FAILED: The handler failed at attempt 1 of 1. The event is dead: mend the handler, then redrive it. (event "CONVERSATION_STARTED", id "evt_1", cause RangeError) Page: errors/HANDLER_FAILED',
      ],
    ]);
  });

  it("an event whose process died in every attempt", async () => {
    const store = memoryStore();
    const { inbox, send, until } = stage({
      on: { CONVERSATION_STARTED: () => {} },
      store: {
        ...proxied(store),
        claim: async (request) =>
          (await store.claim(request)).map((claimed) => ({ ...claimed, state: "dead" as const, crashes: 8 })),
      },
    });
    await send(eventOf("evt_1"));
    inbox.start();
    await until("dead");
    await inbox.close();
    expect(error.mock.calls[0]?.[0]).toMatch(/its process died or lost its lease 8 times.*id "evt_1"/);
  });

  it("an event that no longer fits its handler", async () => {
    const { inbox, send, until } = stage({ on: { CONVERSATION_STARTED: () => {} } });
    inbox.start();
    await send(eventOf("evt_1", { data: { recordId: 7, organizationId: "org_1" } }));
    await until("dead");
    await inbox.close();
    expect(error.mock.calls[0]?.[0]).toMatch(/^\[popp-webhooks\] PAYLOAD_INVALID: .*id "evt_1"/);
  });

  it("an unreachable store, at start and without deliveries", async () => {
    const down = async () => {
      throw new Error("connect ECONNREFUSED");
    };
    for (const on of [{}, "elsewhere"] as const) {
      const { inbox } = stage({ on, store: { ...proxied(memoryStore()), open: down } });
      inbox.start();
      await vi.waitFor(() => expect(error.mock.lastCall?.[0]).toContain("STORE_UNAVAILABLE"), { timeout: 60_000 });
      await inbox.close();
      error.mockClear();
    }
  });

  it("nothing that the receiver already reports", async () => {
    const down = async () => {
      throw new WebhookError("STORE_UNAVAILABLE", "The store is down.");
    };
    const { send } = stage({ store: { ...proxied(memoryStore()), accept: down } });
    expect(await send(eventOf("evt_1"))).toBe(503);
    expect(error).toHaveBeenCalledTimes(1);
  });
});

describe("onError of an inbox", () => {
  it("replaces the log lines and receives the known fields of the event", async () => {
    const reports: unknown[] = [];
    const { inbox, send, until } = stage({
      on: { CONVERSATION_STARTED: fails },
      maxAttempts: 2,
      source: "tenant",
      onError: ({ code }, report) => reports.push([code, report]),
    });
    inbox.start();
    await send(eventOf("evt_1"));
    await until("dead");
    await inbox.close();
    const event = { eventName: "CONVERSATION_STARTED", eventId: "evt_1", recordId: "conv_1", source: "tenant" };
    expect(reports).toEqual([
      ["HANDLER_FAILED", { ...event, attempt: 1, state: "retry" }],
      ["HANDLER_FAILED", { ...event, attempt: 2, state: "dead" }],
    ]);
    expect([...error.mock.calls, ...warn.mock.calls]).toEqual([]);
  });
});
