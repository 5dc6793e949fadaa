import { createHmac } from "node:crypto";
import { createReceiver } from "@popp-webhooks/core";
import { describe, expect, it } from "vitest";
import { claimOf } from "../../faults/store-values.ts";
import { testClock } from "../../test/test-clock.ts";
import { createInbox, type DurableInbox, type EnqueueOptions, type EventRef, type WakeQueue } from "../index.ts";
import { memoryStore } from "../stores/memory/index.ts";

const secret = "the signing secret";
const HOUR_MS = 3_600_000;

/** A receiver with an inbox that a queue wakes, with a clock that only the test moves. */
function stage(enqueue: WakeQueue["enqueue"], options: object = {}) {
  const time = testClock();
  const errors: string[] = [];
  const runs: string[] = [];
  const inbox: DurableInbox = createInbox({
    store: memoryStore({ now: time.clock.now }),
    queue: { enqueue },
    clock: time.clock,
    storeTimeoutMs: 1_000_000_000,
    on: { UNRECOGNIZED: (_, { idempotencyKey }) => runs.push(idempotencyKey) },
    onError: ({ code }) => errors.push(code),
    ...options,
  });
  const receiver = createReceiver({ secret, inbox });
  async function send(eventId: string, context?: object): Promise<number> {
    const body = JSON.stringify({ event: "NEW", eventId, data: {} });
    const headers = { "x-signature": createHmac("sha256", secret).update(body).digest("hex") };
    return (await receiver.fetch(new Request("http://localhost/", { method: "POST", body, headers }), context)).status;
  }
  return { ...time, inbox, send, errors, runs };
}

/** A queue that keeps its jobs, and the options of each. */
function keeping() {
  const refs: EventRef[] = [];
  const delays: (EnqueueOptions | undefined)[] = [];
  async function enqueue(ref: EventRef, options?: EnqueueOptions): Promise<void> {
    refs.push(ref);
    delays.push(options);
  }
  return { refs, delays, enqueue };
}

describe("an inbox with a queue", () => {
  it("enqueues a reference of less than 100 bytes per new event and handles nothing itself", async () => {
    const { refs, enqueue } = keeping();
    const { inbox, send, runs, pass } = stage(enqueue);
    inbox.start();
    expect([await send("evt_1"), await send("evt_1"), await send("evt_2")]).toEqual([200, 200, 200]);
    await pass(10_000);
    expect(refs).toHaveLength(2);
    expect(refs[0]).toEqual({ source: "popp", key: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(JSON.stringify(refs[0]).length).toBeLessThan(100);
    expect(runs).toEqual([]);
    for (const ref of refs) await inbox.process(ref);
    expect(runs).toEqual(["evt_1", "evt_2"]);
    await inbox.close();
  });

  it.each<[string, WakeQueue["enqueue"]]>([
    ["rejects", () => Promise.reject(new Error("ECONNREFUSED"))],
    ["hangs", () => new Promise(() => {})],
    [
      "throws",
      () => {
        throw new Error("closed");
      },
    ],
  ])("answers at once with 200 when the queue %s, and tells onError", async (_, enqueue) => {
    const { send, errors, pass, inbox } = stage(enqueue);
    expect(await send("evt_1")).toBe(200);
    await pass(5_000);
    expect(errors).toEqual(["STORE_UNAVAILABLE"]);
    await inbox.close();
  });

  it("sends at most 5,000 references at once to a queue that does not answer", async () => {
    let calls = 0;
    const { send, errors, pass } = stage(() => new Promise(() => void calls++));
    for (let index = 0; index < 5_005; index++) await send(`evt_${index}`);
    await pass(5_000);
    for (let index = 0; index < 5; index++) await send(`late_${index}`);
    await pass(0);
    expect([calls, errors.filter((code) => code === "OVERLOADED").length, errors.length]).toEqual([5_000, 10, 5_010]);
    // Workers cancel a request with its promises, which never settle: they must not block the queue forever.
    await pass(HOUR_MS, HOUR_MS);
    await send("much later");
    await pass(0);
    expect(calls).toBe(5_001);
  });

  it("passes the enqueueing to waitUntil and awaits it on close", async () => {
    let arrive = () => {};
    let [isOver, isClosed] = [false, false];
    const { send, inbox, pass } = stage(() => new Promise((resolve) => (arrive = resolve)));
    const lent: Promise<unknown>[] = [];
    await send("evt_1", { waitUntil: (promise: Promise<unknown>) => lent.push(promise) });
    const ending = Promise.all(lent).then(() => (isOver = true));
    const closing = inbox.close().then(() => (isClosed = true));
    await pass(1_000);
    expect([isOver, isClosed]).toEqual([false, false]);
    arrive();
    await Promise.all([ending, closing]);
  });

  it("closes within the grace period when the queue does not answer", async () => {
    const { send, inbox, pass } = stage(() => new Promise(() => {}), { wakeGraceMs: 1_000 });
    inbox.start();
    for (const id of ["a", "b"]) await send(id);
    await pass(1_900);
    let isClosed = false;
    const closing = inbox.close({ graceMs: 500 }).then(() => (isClosed = true));
    await pass(400, 100);
    expect(isClosed).toBe(false);
    await pass(200, 100);
    expect(isClosed).toBe(true);
    await closing;
  });

  it("enqueues redriven events", async () => {
    const { refs, delays, enqueue } = keeping();
    let isDown = true;
    const { inbox, send, pass } = stage(enqueue, {
      maxAttempts: 1,
      on: {
        UNRECOGNIZED: () => {
          if (isDown) throw new Error("down");
        },
      },
    });
    for (const id of ["a", "b", "c"]) await send(id);
    await pass(0);
    for (const ref of refs.splice(0)) expect(await inbox.process(ref)).toBe("dead");
    isDown = false;
    expect([await inbox.redrive("a"), await inbox.redrive({}), await inbox.redrive("a")]).toEqual([
      { redriven: 1 },
      { redriven: 2 },
      { redriven: 0, refused: "received" },
    ]);
    expect(refs).toHaveLength(3);
    const atOnce = { delayMs: 0 };
    expect(delays).toEqual([undefined, undefined, undefined, atOnce, atOnce, atOnce]);
    for (const ref of refs) expect(await inbox.process(ref)).toBe("done");
  });

  it("enqueues many redriven events a few at a time, each once", async () => {
    let [pending, most] = [0, 0];
    const [accepted, redriven]: [EventRef[], EventRef[]] = [[], []];
    const failing = { maxAttempts: 1, on: { UNRECOGNIZED: () => Promise.reject(new Error("down")) } };
    const { inbox, send, pass } = stage(async (ref, options) => {
      if (options === undefined) return void accepted.push(ref);
      most = Math.max(most, ++pending);
      await new Promise((resolve) => setImmediate(resolve));
      redriven.push(ref);
      pending--;
    }, failing);
    for (let number = 0; number < 100; number++) await send(`evt_${number}`);
    await pass(0);
    for (const ref of accepted) expect(await inbox.process(ref)).toBe("dead");
    expect(await inbox.redrive({ state: "dead" })).toEqual({ redriven: 100 });
    expect([new Set(redriven.map(({ key }) => key)).size, redriven.length, most]).toEqual([100, 100, 16]);
  });

  it.each([
    ["no queue", { queue: {} }],
    ["no grace", { wakeGraceMs: 0 }],
  ])("refuses options that cannot work: %s", (_, options) => {
    expect(() => stage(async () => {}, options)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});

describe("lost wake-ups", () => {
  it("are repaired by a started inbox within twice the grace, and each event is handled once", async () => {
    let isLost = true;
    const { refs, enqueue } = keeping();
    const { inbox, send, runs, pass, errors } = stage(async (ref) => void (isLost || (await enqueue(ref))));
    inbox.start();
    for (let index = 0; index < 1_200; index++) await send(`evt_${index}`);
    await pass(10_000);
    isLost = false;
    await pass(50_000);
    expect(new Set(refs.map(({ key }) => key)).size).toBe(1_200);
    for (const ref of refs) await inbox.process(ref);
    expect([runs.length, new Set(runs).size, errors]).toEqual([1_200, 1_200, []]);
    await inbox.close();
  });

  it("stay lost without a sweep", async () => {
    let isLost = true;
    const { refs, enqueue } = keeping();
    const { inbox, send, pass } = stage(async (ref) => void (isLost || (await enqueue(ref))));
    await send("evt_1");
    isLost = false;
    await pass(10 * HOUR_MS);
    expect(refs).toEqual([]);
    expect((await inbox.get("evt_1"))?.state).toBe("received");
  });

  it("are searched at growing intervals up to one hour, because the queue may still hold the event", async () => {
    const at: number[] = [];
    const { inbox, send, pass, clock } = stage(async () => void at.push(clock.now()));
    const startedAtMs = clock.now();
    await send("evt_1");
    await pass(0);
    inbox.start();
    await pass(5 * HOUR_MS, 15_000);
    const minutes = at.map((ms) => Math.round((ms - startedAtMs) / 60_000));
    expect(minutes).toEqual([0, 1, 1, 2, 4, 8, 16, 32, 60, 120, 180, 240, 300]);
    await inbox.close();
  });

  it("include abandoned events but not events that are being handled or not yet due", async () => {
    const { refs, enqueue } = keeping();
    const time = testClock();
    const store = memoryStore({ now: time.clock.now });
    const { inbox, send } = stage(enqueue, { store, clock: time.clock });
    for (const id of ["abandoned", "held", "later"]) await send(id);
    await time.pass(0);
    const [abandoned, held, later] = refs.splice(0).map(({ key }) => key);
    const claim = (key = "") => claimOf({ source: "popp", key });
    await store.claim({ ...claim(abandoned), leaseMs: 5_000, token: "a" });
    await store.claim({ ...claim(held), leaseMs: HOUR_MS, token: "b" });
    await store.claim({ ...claim(later), leaseMs: HOUR_MS, token: "c" });
    const retry = { state: "retry", delayMs: HOUR_MS, note: null, counts: true, history: null } as const;
    await store.settle({ key: later ?? "", token: "c" }, retry);
    await time.pass(34_000);
    expect(await inbox.sweep()).toEqual({ done: 0, retry: 0, dead: 0, woken: 0 });
    await time.pass(1_000);
    expect(await inbox.sweep()).toEqual({ done: 0, retry: 0, dead: 0, woken: 1 });
    expect(refs.map(({ key }) => key)).toEqual([abandoned]);
    expect(await inbox.process(refs[0])).toBe("done");
  });

  it("are repaired by a sweep up to its limit, the longest due first", async () => {
    const { refs, delays, enqueue } = keeping();
    const { inbox, send, pass } = stage(enqueue);
    for (let index = 0; index < 5; index++) {
      await send(`evt_${index}`);
      await pass(1_000);
    }
    const sent = refs.splice(0);
    await pass(30_000);
    expect((await inbox.sweep({ limit: 2 })).woken).toBe(2);
    expect(refs).toEqual(sent.slice(0, 2));
    expect(delays.slice(5)).toEqual([{ delayMs: 0 }, { delayMs: 0 }]);
    for (const ref of refs.splice(0)) await inbox.process(ref);
    expect((await inbox.sweep({ limit: 100 })).woken).toBe(3);
    expect((await inbox.sweep({ limit: 100 })).woken).toBe(0);
    expect(refs).toEqual(sent.slice(2));
  });

  it("are retried while the queue fails, and no event is skipped", async () => {
    let isDown = true;
    const { refs, enqueue } = keeping();
    const { inbox, send, pass, errors } = stage((ref) => (isDown ? Promise.reject(new Error("down")) : enqueue(ref)));
    for (let index = 0; index < 40; index++) await send(`evt_${index}`);
    inbox.start();
    await pass(100_000, 5_000);
    expect(errors.length).toBeGreaterThan(42);
    isDown = false;
    await pass(15_000, 5_000);
    expect(new Set(refs.map(({ key }) => key)).size).toBe(40);
    await inbox.close();
  });
});
