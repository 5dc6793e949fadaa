import { describe, expect, it } from "vitest";
import { claimOf } from "../../faults/store-values.ts";
import {
  createInbox,
  type DurableInbox,
  type EventRef,
  type InboxStore,
  isRetryLaterError,
  RetryLaterError,
  type Transition,
} from "../index.ts";
import { memoryStore } from "../stores/memory/index.ts";

type Handler = (attempt: number) => unknown;

const encoder = new TextEncoder();

/** An inbox with one accepted event, which only `process` handles. */
async function stage(handler: Handler, options: object = {}, store: InboxStore = memoryStore()) {
  const refs: unknown[] = [];
  const errors: string[] = [];
  const transitions: Transition[] = [];
  const inbox: DurableInbox = createInbox({
    store,
    queue: { enqueue: async (ref) => void refs.push(ref) },
    on: { UNRECOGNIZED: (_, { attempt }) => handler(attempt) },
    onError: ({ code }) => errors.push(code),
    onTransition: (transition) => transitions.push(transition),
    ...options,
  });
  await deliver(inbox, "evt_1");
  await expect.poll(() => refs.length).toBe(1);
  return { inbox, ref: refs[0], refs, errors, transitions };
}

async function deliver(inbox: DurableInbox, eventId: string): Promise<void> {
  const body = encoder.encode(JSON.stringify({ event: "NEW", eventId, data: {} }));
  // These tests do not need a signature, so the bytes count as verified.
  const delivery = { body: body as never, headers: new Headers(), receivedAtMs: Date.now() };
  const event = { event: "UNRECOGNIZED", eventId, name: "NEW", issues: [], data: {} };
  await inbox.deliver(delivery, event as never, {});
}

const later = (inbox: DurableInbox, ref: unknown): Promise<RetryLaterError> =>
  inbox.process(ref).then(
    (end) => Promise.reject(new Error(`expected it to come back later, but it was ${end}`)),
    (error: unknown) => (isRetryLaterError(error) ? error : Promise.reject(error)),
  );

describe("process", () => {
  it("handles the event under a lease and skips a repeated message", async () => {
    const attempts: number[] = [];
    const { inbox, ref, transitions } = await stage((attempt) => attempts.push(attempt));
    expect([await inbox.process(ref), await inbox.process(ref), await inbox.process(ref)]).toEqual([
      "done",
      "skipped",
      "skipped",
    ]);
    expect(attempts).toEqual([1]);
    expect(transitions.map(({ state }) => state)).toEqual(["received", "processing", "done"]);
  });

  it("returns the delay after a failed handler, and stops after maxAttempts", async () => {
    let nowMs = 1_800_000_000_000;
    const { inbox, ref, errors } = await stage(
      () => {
        throw new Error("down");
      },
      { maxAttempts: 2, retryBaseMs: 300, clock: clockAt(0.9) },
      memoryStore({ now: () => nowMs }),
    );
    expect((await later(inbox, ref)).delayMs).toBe(285);
    nowMs += 100;
    expect((await later(inbox, ref)).delayMs).toBe(185);
    nowMs += 185;
    expect(await inbox.process(ref)).toBe("dead");
    expect(await inbox.process(ref)).toBe("skipped");
    expect(errors).toEqual(["HANDLER_FAILED", "HANDLER_FAILED"]);
  });

  it("returns the rest of the lease when another process holds the event", async () => {
    const store = memoryStore({ now: () => 1_800_000_000_000 });
    let finish: (value?: unknown) => void = () => {};
    const one = await stage(() => new Promise((resolve) => (finish = resolve)), { leaseMs: 20_000 }, store);
    const other = createInbox({ store, on: { UNRECOGNIZED: () => expect.unreachable() } });
    const running = one.inbox.process(one.ref);
    await expect.poll(() => one.transitions.at(-1)?.state).toBe("processing");
    expect((await later(other, one.ref)).delayMs).toBe(21_000);
    expect((await later(one.inbox, one.ref)).delayMs).toBe(21_000);
    finish();
    expect(await running).toBe("done");
    expect(await other.process(one.ref)).toBe("skipped");
  });

  it("returns a delay when its own process runs the handler, even when the lease has expired", async () => {
    let ahead = 0;
    let finish: (value?: unknown) => void = () => {};
    const store = memoryStore({ now: () => 1_800_000_000_000 + performance.now() + ahead });
    const { inbox, ref, transitions } = await stage(() => new Promise((resolve) => (finish = resolve)), {}, store);
    const running = inbox.process(ref);
    await expect.poll(() => transitions.at(-1)?.state).toBe("processing");
    ahead = 3_600_000;
    expect((await later(inbox, ref)).delayMs).toBe(1_000);
    finish();
    expect(await running).toBe("done");
  });

  it("handles abandoned events one at a time until a handler has ended, and then two", async () => {
    let ahead = 0;
    const running = new Map<string, () => void>();
    const store = memoryStore({ now: () => 1_800_000_000_000 + performance.now() + ahead });
    const { inbox, refs } = await stage(
      () => {},
      {
        on: {
          UNRECOGNIZED: (_: unknown, { idempotencyKey }: { readonly idempotencyKey: string }) =>
            new Promise<void>((resolve) => running.set(idempotencyKey, resolve)),
        },
      },
      store,
    );
    for (const id of ["evt_2", "evt_3", "evt_4", "fresh"]) await deliver(inbox, id);
    await expect.poll(() => refs.length).toBe(5);
    const lost = refs.slice(0, 4) as EventRef[];
    for (const { key } of lost) await store.claim(claimOf({ source: "popp", key, leaseMs: 5_000 }));
    ahead = 10_000;
    const first = inbox.process(refs[0]);
    await expect.poll(() => [...running.keys()]).toEqual(["evt_1"]);
    await later(inbox, refs[1]);
    const fresh = inbox.process(refs[4]);
    await expect.poll(() => running.size).toBe(2);
    await later(inbox, refs[2]);
    running.get("evt_1")?.();
    expect(await first).toBe("done");

    const [second, third] = [inbox.process(refs[1]), inbox.process(refs[2])];
    await expect.poll(() => running.size).toBe(4);
    await later(inbox, refs[3]);
    for (const end of running.values()) end();
    expect(await Promise.all([fresh, second, third])).toEqual(["done", "done", "done"]);
  });

  it("waits longer after each crash of an event", async () => {
    let nowMs = 1_800_000_000_000;
    const store = memoryStore({ now: () => nowMs });
    const { inbox, ref, transitions } = await stage(() => {}, { retryBaseMs: 1_000, maxCrashes: 3 }, store);
    const { key } = ref as EventRef;
    await store.claim(claimOf({ source: "popp", key, leaseMs: 5_000 }));
    nowMs += 5_400;
    expect((await later(inbox, ref)).delayMs).toBe(600);
    nowMs += 600;
    await store.claim(claimOf({ source: "popp", key, leaseMs: 5_000 }));
    nowMs += 5_000;
    expect((await later(inbox, ref)).delayMs).toBe(4_000);
    nowMs += 4_000;
    await store.claim(claimOf({ source: "popp", key, leaseMs: 5_000 }));
    nowMs += 5_000 + 16_000;
    expect(await inbox.process(ref)).toBe("dead");
    expect(transitions.at(-1)).toMatchObject({ state: "dead", note: "abandoned", attempt: 3 });
  });

  it("returns a growing delay, 30 s at most, while the event cannot be claimed", async () => {
    let nowMs = 1_800_000_000_000;
    const store = memoryStore({ now: () => nowMs });
    const { inbox, ref } = await stage(() => {}, {}, store);
    await store.pause("popp", "NEW");
    const delays: number[] = [];
    for (const seconds of [0, 4, 4, 32, 80, 3_600]) {
      nowMs += seconds * 1_000;
      delays.push((await later(inbox, ref)).delayMs);
    }
    expect(delays).toEqual([1_000, 1_000, 2_000, 10_000, 30_000, 30_000]);
    await store.resume("popp", "NEW");
    expect(await inbox.process(ref)).toBe("done");
  });

  it("runs one handler when two processes receive the same message 50 times at once", async () => {
    const store = memoryStore();
    let runs = 0;
    let [refused, finish] = [0, () => {}];
    const handler = () => {
      runs++;
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    };
    const { inbox, ref } = await stage(handler, {}, store);
    const other = createInbox({ store, on: { UNRECOGNIZED: handler } });
    const processing = Array.from({ length: 50 }, (_, index) => (index % 2 ? inbox : other).process(ref));
    for (const one of processing) one.catch(() => refused++);
    await expect.poll(() => refused).toBe(49);
    finish();
    const ends = await Promise.allSettled(processing);
    expect(ends.filter((end) => end.status === "fulfilled" && end.value === "done")).toHaveLength(1);
    expect(ends.filter((end) => end.status === "rejected" && isRetryLaterError(end.reason))).toHaveLength(49);
    expect(runs).toBe(1);
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a text", "evt_1"],
    ["an array", []],
    ["another source", { source: "another", key: "0".repeat(32) }],
    ["no key", { source: "popp" }],
    ["a key that is none", { source: "popp", key: "'; DROP TABLE popp_inbox; --" }],
    ["a key with a line break", { source: "popp", key: `${"0".repeat(32)}\n` }],
    ["a key of another type", { source: "popp", key: 5 }],
  ])("skips a message that holds %s, and says so", async (_, poison) => {
    const { inbox, errors } = await stage(() => {});
    expect(await inbox.process(poison)).toBe("skipped");
    expect(errors).toEqual(["PAYLOAD_INVALID"]);
  });

  it('refuses to handle events when on is "elsewhere" and does not change them', async () => {
    const { inbox, ref } = await stage(() => {}, { on: "elsewhere" });
    await expect(inbox.process(ref)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    expect(await inbox.get("evt_1")).toMatchObject({ state: "received", attempts: 0 });
  });

  it("skips an unknown event", async () => {
    const { inbox, errors } = await stage(() => {});
    expect(await inbox.process({ source: "popp", key: "0".repeat(32) })).toBe("skipped");
    expect(errors).toEqual([]);
  });

  it("rejects while the store is unreachable and reports it to onError", async () => {
    const store = memoryStore();
    const claim = store.claim.bind(store);
    let isDown = true;
    Object.assign(store, {
      claim: (request: Parameters<typeof claim>[0]) => (isDown ? Promise.reject(new Error("gone")) : claim(request)),
    });
    const { inbox, ref, errors } = await stage(() => {}, {}, store);
    await expect(inbox.process(ref)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(errors).toEqual(["STORE_UNAVAILABLE"]);
    isDown = false;
    expect(await inbox.process(ref)).toBe("done");
  });

  it("returns messages to the queue when it shuts down and releases what does not finish", async () => {
    const store = memoryStore();
    const { inbox, ref, transitions } = await stage(() => new Promise(() => {}), {}, store);
    const running = later(inbox, ref);
    await expect.poll(() => transitions.at(-1)?.state).toBe("processing");
    const closing = inbox.close({ graceMs: 50 });
    expect((await later(inbox, ref)).delayMs).toBe(1_000);
    await closing;
    expect((await running).delayMs).toBe(0);
    const attempts: number[] = [];
    const other = createInbox({ store, on: { UNRECOGNIZED: (_, { attempt }) => attempts.push(attempt) } });
    expect([await other.process(ref), attempts]).toEqual(["done", [1]]);
  });

  it("recognizes a RetryLaterError of another copy of this package", () => {
    expect(isRetryLaterError(new RetryLaterError(5))).toBe(true);
    expect(isRetryLaterError(Object.assign(new Error("later"), { name: "RetryLaterError", delayMs: 5 }))).toBe(true);
    expect(
      [new Error("later"), { name: "RetryLaterError", delayMs: 5 }, null, undefined].map(isRetryLaterError),
    ).toEqual(Array(4).fill(false));
  });
});

/** The clock of the machine, without random numbers. */
function clockAt(random: number) {
  return {
    now: () => performance.now(),
    after: (delayMs: number, callback: () => void) => {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    random: () => random,
  };
}
