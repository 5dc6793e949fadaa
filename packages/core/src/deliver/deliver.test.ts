import { describe, expect, it } from "vitest";
import { Refusal } from "../errors/refusal.ts";
import { assumeVerified } from "../verify/verified-body.ts";
import { deliverInProcess } from "./deliver.ts";
import type { Handler } from "./handlers.ts";
import { memoryKeyOf } from "./idempotency-key.ts";

interface TestEvent {
  readonly event: string;
  readonly eventId?: string | undefined;
}

const delivery = (body = "{}") => ({ body: assumeVerified(body), headers: {}, receivedAtMs: 0 });

function setUp(handler: Handler<TestEvent>, limits: { handlerTimeoutMs?: number; maxInFlight?: number } = {}) {
  const deliver = deliverInProcess(new Map([["A", handler]]), { handlerTimeoutMs: 1_000, maxInFlight: 10, ...limits });
  return (event: TestEvent, body?: string, context = {}) => deliver(delivery(body), event, context);
}

/** A promise and the function that settles it. */
function gate(): { readonly open: () => void; readonly opened: Promise<void> } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe("deliverInProcess", () => {
  it("runs the handler before it resolves, and once per event", async () => {
    const runs: string[] = [];
    const deliver = setUp((event, { idempotencyKey }) => runs.push(`${event.event} ${idempotencyKey}`));
    expect(await deliver({ event: "A", eventId: "1" })).toEqual({ status: "handled" });
    expect(await deliver({ event: "A", eventId: "1" })).toEqual({ status: "duplicate" });
    expect(await deliver({ event: "A", eventId: "2" })).toEqual({ status: "handled" });
    expect(runs).toEqual(["A 1", "A 2"]);
  });

  it("answers an event without a handler", async () => {
    expect(await setUp(() => {})({ event: "B", eventId: "1" })).toEqual({ status: "unhandled" });
  });

  it("uses the body as the key when there is no eventId", async () => {
    const keys: string[] = [];
    const deliver = setUp((_, { idempotencyKey }) => keys.push(idempotencyKey));
    expect(await deliver({ event: "A" }, "one")).toEqual({ status: "handled" });
    expect(await deliver({ event: "A" }, "one")).toEqual({ status: "duplicate" });
    expect(await deliver({ event: "A" }, "two")).toEqual({ status: "handled" });
    expect(keys).toEqual([
      "sha256:7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed",
      "sha256:3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3",
    ]);
  });

  it("holds back only concurrent duplicates while the first runs", async () => {
    const { open, opened } = gate();
    const deliver = setUp((event) => (event.eventId === "1" ? opened : undefined));
    const first = deliver({ event: "A", eventId: "1" });
    const others = await Promise.all(Array.from({ length: 50 }, () => deliver({ event: "A", eventId: "1" })));
    expect(others.map((other) => other instanceof Refusal && other.code)).toEqual(Array(50).fill("DELIVERY_BUSY"));
    expect(await deliver({ event: "A", eventId: "2" })).toEqual({ status: "handled" });
    open();
    expect(await first).toEqual({ status: "handled" });
    expect(await deliver({ event: "A", eventId: "1" })).toEqual({ status: "duplicate" });
  });

  it.each<[string, () => unknown, unknown]>([
    [
      "throws",
      () => {
        throw "text";
      },
      "text",
    ],
    [
      "throws undefined",
      () => {
        throw undefined;
      },
      undefined,
    ],
    ["rejects", () => Promise.reject(null), null],
  ])("lets a handler that %s be retried", async (_, fail, cause) => {
    let fails = true;
    const deliver = setUp(() => (fails ? fail() : undefined));
    expect(await deliver({ event: "A", eventId: "1" })).toMatchObject({ code: "HANDLER_FAILED", details: { cause } });
    fails = false;
    expect(await deliver({ event: "A", eventId: "1" })).toEqual({ status: "handled" });
  });

  it("aborts a handler on timeout, and its event stays busy until it settles", async () => {
    const { open, opened } = gate();
    const lent: Promise<unknown>[] = [];
    let signal: AbortSignal | undefined;
    const deliver = setUp(
      (_, context) => {
        signal = context.signal;
        return opened;
      },
      { handlerTimeoutMs: 10 },
    );
    const context = { waitUntil: (promise: Promise<unknown>) => lent.push(promise) };
    expect(await deliver({ event: "A", eventId: "1" }, "{}", context)).toMatchObject({ code: "HANDLER_FAILED" });
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toMatchObject({ name: "WebhookError", code: "HANDLER_FAILED" });
    expect(await deliver({ event: "A", eventId: "1" })).toMatchObject({ code: "DELIVERY_BUSY" });
    open();
    await Promise.all(lent);
    expect(lent).toHaveLength(1);
    expect(await deliver({ event: "A", eventId: "1" })).toEqual({ status: "duplicate" });
  });

  it("runs at most maxInFlight handlers, including those that timed out", async () => {
    const { open, opened } = gate();
    const deliver = setUp(() => opened, { handlerTimeoutMs: 5, maxInFlight: 2 });
    await Promise.all([deliver({ event: "A", eventId: "1" }), deliver({ event: "A", eventId: "2" })]);
    expect(await deliver({ event: "A", eventId: "3" })).toMatchObject({ code: "OVERLOADED" });
    open();
    await expect.poll(() => deliver({ event: "A", eventId: "3" })).toEqual({ status: "handled" });
  });

  it("distinguishes long ids and passes them to the handler unchanged", async () => {
    const keys: string[] = [];
    const deliver = setUp((_, { idempotencyKey }) => keys.push(idempotencyKey));
    const long = "i".repeat(100_000);
    // UTF-8 cannot encode half of a pair, and would make the same of both.
    const ids = [`${long}a`, `${long}b`, `${long}\ud800`, `${long}\udc00`];
    for (const eventId of ids) expect(await deliver({ event: "A", eventId })).toEqual({ status: "handled" });
    for (const eventId of ids) expect(await deliver({ event: "A", eventId })).toEqual({ status: "duplicate" });
    expect(keys).toEqual(ids);
  });

  it("remembers each id in at most 128 characters", async () => {
    for (const length of [0, 36, 128, 129, 100_000]) {
      expect((await memoryKeyOf("i".repeat(length))).length).toBeLessThanOrEqual(128);
    }
  });

  it("remembers the last 10,000 handled events", async () => {
    let runs = 0;
    const deliver = setUp(() => runs++);
    for (let at = 0; at < 20_001; at++) await deliver({ event: "A", eventId: `${at}` });
    expect(await deliver({ event: "A", eventId: "10001" })).toEqual({ status: "duplicate" });
    expect(await deliver({ event: "A", eventId: "0" })).toEqual({ status: "handled" });
    expect(runs).toBe(20_002);
  });
});
