import { describe, expect, it } from "vitest";
import { eventOf, proxied, stage } from "../test/stage.ts";
import { testClock } from "../test/test-clock.ts";
import { createInbox, type InboxStore, latestOnly } from "./index.ts";
import { systemClock } from "./lib/clock.ts";
import { memoryStore } from "./stores/memory/index.ts";

describe("createInbox", () => {
  it("answers when the event is stored and handles it afterwards", async () => {
    const seen: unknown[] = [];
    const { inbox, send, states, outcomes, until } = stage({
      on: {
        CONVERSATION_STARTED: (event, { attempt, fence, idempotencyKey, signal }) =>
          seen.push(event.data.recordId, attempt, fence, idempotencyKey, signal.aborted),
      },
    });
    expect(await send(eventOf("evt_1"))).toBe(200);
    expect([outcomes, seen]).toEqual([[{ status: "accepted" }], []]);
    inbox.start();
    await until("done");
    expect(seen).toEqual(["conv_1", 1, 1, "evt_1", false]);
    expect(states()).toEqual(["received", "processing", "done"]);
    await inbox.close();
  });

  it("answers duplicates with 200 in any state and handles the event once", async () => {
    let runs = 0;
    const { inbox, send, outcomes, until } = stage({ on: { CONVERSATION_STARTED: () => ++runs } });
    const event = eventOf("evt_1");
    expect([await send(event), await send(event)]).toEqual([200, 200]);
    inbox.start();
    await until("done");
    expect(await send(event)).toBe(200);
    expect(outcomes.map(({ status }) => status)).toEqual(["accepted", "duplicate", "duplicate"]);
    expect([runs, (await inbox.get("evt_1"))?.duplicates]).toEqual([1, 2]);
    await inbox.close();
  });

  it("reports or refuses the same id with different bytes and keeps the first bytes", async () => {
    const conflicts: unknown[] = [];
    const tolerant = stage({ onConflict: (conflict) => conflicts.push(conflict) });
    const strict = stage({ onConflict: "reject" });
    for (const { send } of [tolerant, strict])
      expect(await send(eventOf("evt_1", { data: { recordId: "a", organizationId: "o" } }))).toBe(200);
    const other = eventOf("evt_1", { data: { recordId: "b", organizationId: "o" } });
    expect([await tolerant.send(other), await strict.send(other)]).toEqual([200, 409]);
    expect(conflicts).toEqual([{ eventId: "evt_1", eventName: "CONVERSATION_STARTED", state: "received" }]);
    expect(tolerant.outcomes.at(-1)).toEqual({ status: "duplicate", conflict: true });
    const record = await tolerant.inbox.get("evt_1");
    expect([new TextDecoder().decode(record?.body ?? undefined), record?.conflicts]).toEqual([
      expect.stringContaining('"recordId":"a"'),
      1,
    ]);
  });

  it("retries a failing event up to maxAttempts and records the error", async () => {
    const attempts: number[] = [];
    const { inbox, send, transitions, states, until } = stage({
      maxAttempts: 3,
      on: {
        CONVERSATION_STARTED: (_, { attempt }) => {
          attempts.push(attempt);
          throw new Error("the database is down");
        },
      },
    });
    await send(eventOf("evt_1"));
    inbox.start();
    await until("dead");
    expect(attempts).toEqual([1, 2, 3]);
    expect(states()).toEqual(["received", "processing", "retry", "processing", "retry", "processing", "dead"]);
    expect(transitions.at(-1)).toMatchObject({
      note: "Error: the database is down",
      error: expect.any(Error),
      attempt: 3,
    });
    expect(await inbox.get("evt_1")).toMatchObject({ state: "dead", note: "Error: the database is down", dueAt: null });
    await inbox.close();
  });

  it.each<[string, () => unknown]>([
    [
      "throws undefined",
      () => {
        throw undefined;
      },
    ],
    [
      "throws null",
      () => {
        throw null;
      },
    ],
    [
      "throws what throws at every touch",
      () => {
        throw new Proxy(
          {},
          {
            get: () => {
              throw new Error("no");
            },
            getPrototypeOf: () => {
              throw new Error("no");
            },
          },
        );
      },
    ],
    [
      "throws a frozen error with half a surrogate and a NUL",
      () => {
        throw Object.freeze(new Error("\ud800\0"));
      },
    ],
    ["rejects", () => Promise.reject(new Error("no"))],
    ["never settles", () => new Promise(() => {})],
  ])("outlives a handler that %s, and handles the next event", async (_, fail) => {
    const { inbox, send, until } = stage({
      maxAttempts: 2,
      handlerTimeoutMs: 30,
      on: { CONVERSATION_STARTED: fail, DOCUMENT_UPLOADED: () => {} },
    });
    await send(eventOf("evt_1"));
    inbox.start();
    await send(eventOf("evt_2", { event: "DOCUMENT_UPLOADED" }));
    await until("dead");
    await until("done");
    expect((await inbox.get("evt_1"))?.note).toBeTypeOf("string");
    await inbox.close();
  });

  it("stores an event without a handler as done", async () => {
    const { inbox, send, until } = stage();
    await send(eventOf("evt_1"));
    await send(eventOf("evt_2", { event: "SOMETHING_NEW" }));
    inbox.start();
    await until("done", 2);
    expect(await inbox.get("evt_1")).toMatchObject({ state: "done", note: "unhandled" });
    expect(await inbox.get("evt_2")).toMatchObject({ state: "done", event: "SOMETHING_NEW" });
    await inbox.close();
  });

  it.each([
    "{}",
    '{"test":true}',
    '{"event":"CONVERSATION_STARTED","eventId":"evt_test"}',
    '{"event":"CONVERSATION_STARTED","data":[]}',
  ])("keeps a test delivery on record, as done, never as dead: %s", async (body) => {
    const errors: unknown[] = [];
    const on = { CONVERSATION_STARTED: () => expect.unreachable() };
    const { inbox, send, outcomes } = stage({ on, onError: (error) => errors.push(error) });
    expect([await send(body), await send(body)]).toEqual([200, 200]);
    expect(outcomes).toEqual([{ status: "accepted" }, { status: "duplicate" }]);
    expect(await inbox.sweep()).toEqual({ done: 1, retry: 0, dead: 0 });
    expect(await collect(inbox.events())).toMatchObject([{ state: "done", note: "unhandled" }]);
    expect(errors).toEqual([]);
    await inbox.close();
  });

  it("passes a test delivery and its bytes to the UNRECOGNIZED handler", async () => {
    const seen: unknown[] = [];
    const { inbox, send } = stage({
      on: {
        UNRECOGNIZED: ({ name, reason, data }, { body }) =>
          seen.push(name, reason, data, new TextDecoder().decode(body)),
      },
    });
    await send('{"test":true}');
    await inbox.sweep();
    expect(seen).toEqual(["", "not-an-event", {}, '{"test":true}']);
    await inbox.close();
  });

  it("stores a signed body that is not an event as rejected and answers with the error", async () => {
    const { inbox, send } = stage({ maxRejected: 2 });
    for (const body of ["no json", "[]", "5"]) expect(await send(body)).toBe(400);
    const records = await collect(inbox.events({ state: "rejected" }));
    expect(records.map(({ note, body }) => [note, new TextDecoder().decode(body ?? undefined)])).toEqual([
      ["PAYLOAD_INVALID", "5"],
      ["PAYLOAD_INVALID", "[]"],
    ]);
  });

  it("stores unusual ids unchanged", async () => {
    const ids = [
      "\0",
      "\ud800",
      "\ud801",
      "\\ud800",
      "\uffff\\ud800",
      "x".repeat(10_000),
      "'; --",
      "constructor",
      undefined,
      5,
    ];
    const { inbox, send, outcomes, until } = stage();
    for (const [index, id] of ids.entries())
      expect(await send(eventOf(id, { data: { recordId: `${index}`, organizationId: "o" } }))).toBe(200);
    expect(outcomes.map(({ status }) => status)).toEqual(ids.map(() => "accepted"));
    inbox.start();
    await until("done", ids.length);
    for (const id of ids.slice(0, 8)) expect((await inbox.get(String(id)))?.id).toBe(id);
    await inbox.close();
  });

  it("stores only the listed headers", async () => {
    const { inbox, send } = stage();
    await send(eventOf("evt_1"));
    expect((await inbox.get("evt_1"))?.headers).toEqual({
      "content-type": "text/plain;charset=UTF-8",
      traceparent: "00-1-2-01",
    });
  });

  it("lists events with their bodies and redrives dead ones", async () => {
    let isDown = true;
    const { inbox, send, until, states } = stage({
      maxAttempts: 1,
      on: {
        CONVERSATION_STARTED: () => {
          if (isDown) throw new Error("down");
        },
      },
    });
    for (let index = 1; index <= 5; index++) await send(eventOf(`evt_${index}`));
    inbox.start();
    await until("dead", 5);
    const records = await collect(inbox.events({ state: "dead", event: "CONVERSATION_STARTED", pageSize: 2 }));
    expect(records.map(({ id }) => id)).toEqual(["evt_5", "evt_4", "evt_3", "evt_2", "evt_1"]);
    expect(JSON.parse(new TextDecoder().decode(records[0]?.body ?? undefined))).toMatchObject({ eventId: "evt_5" });
    isDown = false;
    expect([await inbox.redrive("evt_3"), await inbox.redrive("evt_none")]).toEqual([1, 0]);
    await until("done", 1);
    expect(await inbox.redrive({ since: new Date(0) })).toBe(4);
    await until("done", 5);
    expect(states().filter((state) => state === "received")).toHaveLength(10);
    const { counts, handlerLatency } = await inbox.stats();
    expect([counts.done, counts.dead, handlerLatency.count]).toEqual([5, 0, 10]);
    await inbox.close();
  });

  it.each(["2001-01-01T00:00:00Z", "2024-01-15T10:30:00Z", "1970-01-01"])(
    "handles an event with the old timestamp %s: it was acknowledged",
    async (eventTimestamp) => {
      const { inbox, send, until } = stage({ on: { CONVERSATION_STARTED: () => {} } });
      inbox.start();
      expect(await send(eventOf("evt_1", { eventTimestamp }))).toBe(200);
      await until("done");
      expect(await inbox.get("evt_1")).toMatchObject({ state: "done", note: null });
      await inbox.close();
    },
  );

  it("skips an event that is older than the newest handled one of its order key", async () => {
    const seen: string[] = [];
    const at = (eventId: string, second: number, recordId: string) =>
      eventOf(eventId, {
        eventTimestamp: new Date(Date.now() + second * 1_000).toISOString(),
        data: { recordId, organizationId: "o" },
      });
    const { inbox, send, until } = stage({
      order: latestOnly((event) => event.data.recordId),
      on: { CONVERSATION_STARTED: (_, { idempotencyKey }) => seen.push(idempotencyKey) },
    });
    inbox.start();
    await send(at("newer", 2, "a"));
    await until("done", 1);
    await send(at("older", 1, "a"));
    await send(at("other", 0, "b"));
    await until("done", 3);
    await send(at("newest", 3, "a"));
    await until("done", 4);
    expect(seen).toEqual(["newer", "other", "newest"]);
    expect(await inbox.get("older")).toMatchObject({ state: "done", note: "superseded" });
    await inbox.close();
  });

  it("handles events of one order key one after another", async () => {
    let [running, most] = [0, 0];
    const { inbox, send, until } = stage({
      order: latestOnly((event) => event.data.recordId),
      on: {
        CONVERSATION_STARTED: async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 10));
          running--;
        },
      },
    });
    for (let index = 0; index < 5; index++) await send(eventOf(`evt_${index}`));
    inbox.start();
    await until("done", 5);
    expect(most).toBe(1);
    await inbox.close();
  });

  it("runs at most `concurrency` handlers at once", async () => {
    let [running, most] = [0, 0];
    const { inbox, send, until } = stage({
      concurrency: 3,
      on: {
        CONVERSATION_STARTED: async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 3));
          running--;
        },
      },
    });
    for (let index = 0; index < 20; index++) await send(eventOf(`evt_${index}`));
    inbox.start();
    await until("done", 20);
    expect(most).toBe(3);
    await inbox.close();
  });

  it("handles the delivered event in waitUntil and other events in a sweep", async () => {
    let fails = true;
    const { inbox, send, states } = stage({
      on: {
        CONVERSATION_STARTED: () => {
          if (fails) throw new Error("down");
        },
      },
    });
    const lent: Promise<unknown>[] = [];
    await send(eventOf("evt_1"), { waitUntil: (promise: Promise<unknown>) => lent.push(promise) });
    await Promise.all(lent);
    expect(states()).toEqual(["received", "processing", "retry"]);
    fails = false;
    await send(eventOf("evt_2"));
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await inbox.sweep()).toEqual({ done: 2, retry: 0, dead: 0 });
    expect(await inbox.sweep()).toEqual({ done: 0, retry: 0, dead: 0 });
  });

  it('leaves its events to another inbox on the same store when on is "elsewhere"', async () => {
    const store = memoryStore();
    const receiving = stage({ store, on: "elsewhere" });
    const runs: string[] = [];
    const handling = stage({
      store,
      on: { CONVERSATION_STARTED: (_, { idempotencyKey }) => runs.push(idempotencyKey) },
    });
    receiving.inbox.start();
    const lent: Promise<unknown>[] = [];
    const waitUntil = (promise: Promise<unknown>) => lent.push(promise);
    for (const id of ["evt_1", "evt_2"]) expect(await receiving.send(eventOf(id), { waitUntil })).toBe(200);
    await Promise.all(lent);
    expect(await receiving.inbox.sweep()).toEqual({ done: 0, retry: 0, dead: 0 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await receiving.inbox.stats()).counts).toMatchObject({ received: 2, done: 0 });

    handling.inbox.start();
    await handling.until("done", 2);
    expect([runs, receiving.states()]).toEqual([
      ["evt_1", "evt_2"],
      ["received", "received"],
    ]);
    await Promise.all([receiving.inbox.close(), handling.inbox.close()]);
  });

  it("close finishes running handlers, accepts nothing new and releases what does not finish", async () => {
    const store = memoryStore();
    let reason: unknown;
    let [finish, endGrace] = [() => {}, () => {}];
    const graceMs = 3_600_000;
    const clock = {
      ...systemClock,
      after: (delayMs: number, callback: () => void) => {
        if (delayMs !== graceMs) return systemClock.after(delayMs, callback);
        const others = endGrace;
        endGrace = () => {
          others();
          callback();
        };
        return () => {};
      },
    };
    const { inbox, send, until, states } = stage({
      store,
      clock,
      on: {
        CONVERSATION_STARTED: () => new Promise<void>((resolve) => (finish = resolve)),
        DOCUMENT_UPLOADED: (_, { signal }) =>
          new Promise(() =>
            signal.addEventListener("abort", () => {
              reason = signal.reason;
            }),
          ),
      },
    });
    await send(eventOf("quick"));
    await send(eventOf("stuck", { event: "DOCUMENT_UPLOADED" }));
    inbox.start();
    await until("processing", 2);
    const closing = inbox.close({ graceMs });
    expect(await send(eventOf("late"))).toBe(503);
    finish();
    await until("done");
    endGrace();
    await closing;
    expect(states().filter((state) => state === "done")).toHaveLength(1);
    expect(String(reason)).toContain("shutting down");
    const [stuck] = await store.list({
      source: "popp",
      state: "retry",
      name: null,
      sinceMs: 0,
      beforeSeq: null,
      limit: 5,
    });
    expect([stuck?.eventId, stuck?.attempts]).toEqual(["stuck", 0]);
  });

  it("renews the lease of a slow handler", async () => {
    const { clock, pass } = testClock();
    const store = memoryStore({ now: clock.now });
    let [runs, finish] = [0, () => {}];
    const on = {
      CONVERSATION_STARTED: () => {
        runs++;
        return new Promise<void>((resolve) => {
          finish = resolve;
        });
      },
    };
    const [one, other] = [0, 1].map(() => stage({ store, on, clock, leaseMs: 3_000, pollMs: 100 }));
    await one?.send(eventOf("evt_1"));
    one?.inbox.start();
    other?.inbox.start();
    await pass(12_000, 100);
    expect(runs).toBe(1);
    finish();
    await pass(100);
    expect((await store.stats("popp")).counts.done).toBe(1);
    await Promise.all([one?.inbox.close(), other?.inbox.close()]);
  });

  it("signals a handler that its lease is lost and ignores its result", async () => {
    const store = memoryStore();
    let reason: unknown;
    const { inbox, send, until, states } = stage({
      store: { ...proxied(store), renew: async () => false },
      leaseMs: 30,
      handlerTimeoutMs: 60_000,
      on: {
        CONVERSATION_STARTED: (_, { signal }) =>
          new Promise<void>((resolve) =>
            signal.addEventListener("abort", () => {
              reason = signal.reason;
              resolve();
            }),
          ),
      },
    });
    await send(eventOf("evt_1"));
    inbox.start();
    await until("processing", 2);
    expect(reason).toMatchObject({ name: "LeaseLostError" });
    expect(states()).not.toContain("done");
    await inbox.close({ graceMs: 1 });
  });

  it("an event whose lease cannot be renewed is retried and becomes dead after its attempts", async () => {
    const store = memoryStore();
    const reasons: unknown[] = [];
    const { inbox, send, until, transitions } = stage({
      store: { ...proxied(store), renew: () => Promise.reject(new Error("ECONNREFUSED")) },
      leaseMs: 40,
      maxAttempts: 1,
      on: {
        CONVERSATION_STARTED: (_, { signal }) =>
          new Promise<void>(() => signal.addEventListener("abort", () => reasons.push(signal.reason))),
      },
    });
    await send(eventOf("evt_1"));
    inbox.start();
    await until("dead");
    expect(reasons).toMatchObject([{ name: "LeaseLostError" }]);
    expect(transitions.at(-1)).toEqual({
      state: "dead",
      eventId: "evt_1",
      eventName: "CONVERSATION_STARTED",
      attempt: 1,
      note: "abandoned",
    });
    await inbox.close();
  });

  it("answers 503 when it is closing, also to malformed bodies", async () => {
    const { inbox, send, outcomes } = stage();
    await inbox.close();
    expect([await send(eventOf("evt_1")), await send("[]")]).toEqual([503, 503]);
    expect(outcomes).toEqual(Array(2).fill({ status: "refused", code: "OVERLOADED" }));
  });

  it("accepts and handles an event whose order is unknown and reports the reason", async () => {
    const errors: unknown[] = [];
    const { inbox, send } = stage({
      onError: ({ message, cause }) => errors.push([message, cause]),
      on: { CONVERSATION_STARTED: () => {} },
      order: latestOnly((event) => {
        throw new Error(`no key for ${event.eventId}`);
      }),
    });
    expect(await send(eventOf("evt_1"))).toBe(200);
    expect(await inbox.sweep()).toEqual({ done: 1, retry: 0, dead: 0 });
    expect(errors).toEqual([[expect.stringContaining("`order`"), new Error("no key for evt_1")]]);
  });

  it.each<[string, Partial<InboxStore>]>([
    ["fails", { accept: () => Promise.reject(new Error("ECONNREFUSED")) }],
    ["hangs", { accept: () => new Promise(() => {}) }],
    [
      "throws",
      {
        accept: () => {
          throw new Error("sync");
        },
      },
    ],
    ["cannot be opened", { open: () => Promise.reject(new Error("no such host")) }],
  ])("answers 503 while its store %s", async (_, broken) => {
    const { send, outcomes } = stage({ store: { ...proxied(memoryStore()), ...broken }, storeTimeoutMs: 50 });
    expect(await send(eventOf("evt_1"))).toBe(503);
    expect(outcomes).toEqual([{ status: "refused", code: "STORE_UNAVAILABLE" }]);
  });

  it("continues when a store that failed to open, claim or settle works again", async () => {
    const inner = memoryStore();
    const failures = { open: 2, claim: 3, settle: 3 };
    const failing = (method: keyof typeof failures) => {
      if (failures[method]-- > 0) throw new Error("gone");
    };
    const store: InboxStore = {
      ...proxied(inner),
      open: async () => failing("open"),
      claim: async (request) => {
        failing("claim");
        return inner.claim(request);
      },
      settle: async (lease, settlement) => {
        failing("settle");
        return inner.settle(lease, settlement);
      },
    };
    const errors: string[] = [];
    const { inbox, send, until } = stage({ store, onError: ({ code }) => errors.push(code) });
    expect([await send(eventOf("a")), await send(eventOf("a")), await send(eventOf("a"))]).toEqual([503, 503, 200]);
    inbox.start();
    await until("done");
    expect(new Set(errors)).toEqual(new Set(["STORE_UNAVAILABLE"]));
    await inbox.close();
  });

  it("passes a handler's error to onError", async () => {
    const errors: unknown[] = [];
    const cause = new Error("down");
    const { inbox, send } = stage({
      maxAttempts: 1,
      onError: (error) => errors.push(error),
      on: {
        CONVERSATION_STARTED: () => {
          throw cause;
        },
      },
    });
    await send(eventOf("evt_1"));
    await inbox.sweep();
    expect(errors).toEqual([expect.objectContaining({ code: "HANDLER_FAILED", cause })]);
  });

  it("an event that does not match its handler's schema is dead, and is handled when it is redriven and matches", async () => {
    const misfit = eventOf("evt_1", { data: { recordId: 7, organizationId: "org_1" } });
    const [seen, errors]: [unknown[], unknown[]] = [[], []];
    const store = memoryStore();
    const before = stage({
      store,
      on: { CONVERSATION_STARTED: (event) => seen.push(event) },
      onError: (error) => errors.push(error),
    });
    expect(await before.send(misfit)).toBe(200);
    expect(await before.inbox.sweep()).toEqual({ done: 0, retry: 0, dead: 1 });
    expect(await before.inbox.get("evt_1")).toMatchObject({
      state: "dead",
      note: expect.stringContaining("data.recordId: expected string, received number"),
    });
    expect(errors).toEqual([expect.objectContaining({ code: "PAYLOAD_INVALID" })]);

    const after = stage({ store, on: { CONVERSATION_STARTED: () => {}, UNRECOGNIZED: ({ name }) => seen.push(name) } });
    expect(await after.inbox.redrive("evt_1")).toBe(1);
    expect(await after.inbox.sweep()).toEqual({ done: 1, retry: 0, dead: 0 });
    expect(seen).toEqual(["CONVERSATION_STARTED"]);
  });

  it("returns the idempotency key of each stored event, even without an id", async () => {
    const { inbox, send } = stage({ maxAttempts: 1 });
    await send(eventOf(undefined, { event: "NEW" }));
    expect(await send("no JSON")).toBe(400);
    const keys = (await collect(inbox.events())).map(({ idempotencyKey }) => idempotencyKey);
    expect(keys).toEqual([
      expect.stringMatching(/^rejected:[0-9a-f]{64}$/),
      expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    ]);
    for (const key of keys) expect(await inbox.get(key)).toMatchObject({ idempotencyKey: key });
  });

  it("releases events of a claim that timed out without counting an attempt", async () => {
    const { clock, pass } = testClock();
    const inner = memoryStore({ now: clock.now });
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const store: InboxStore = {
      ...proxied(inner),
      claim: async (request) => {
        const claimed = await inner.claim(request);
        if (claimed.length > 0) await answered;
        return claimed;
      },
    };
    const attempts: number[] = [];
    const { inbox, send } = stage({
      store,
      clock,
      storeTimeoutMs: 1_000,
      maxAttempts: 1,
      on: { CONVERSATION_STARTED: (_, { attempt }) => attempts.push(attempt) },
    });
    for (const id of ["a", "b", "c"]) await send(eventOf(id));
    inbox.start();
    await pass(1_500, 100);
    expect((await inner.stats("popp")).counts.processing).toBe(3);
    answer();
    await pass(5_000, 100);
    expect(attempts).toEqual([1, 1, 1]);
    await inbox.close();
  });

  it("reports an event as done although the store's answer was lost", async () => {
    const inner = memoryStore();
    let isHeard = false;
    const store: InboxStore = {
      ...proxied(inner),
      settle: async (lease, settlement) => {
        const settled = await inner.settle(lease, settlement);
        if (!isHeard) {
          isHeard = true;
          throw new Error("connection reset");
        }
        return settled;
      },
    };
    const { inbox, send, states } = stage({ store, on: { CONVERSATION_STARTED: () => {} } });
    await send(eventOf("evt_1"));
    expect(await inbox.sweep()).toEqual({ done: 1, retry: 0, dead: 0 });
    expect(states()).toEqual(["received", "processing", "done"]);
  });

  it("a sweep respects `concurrency` beside running handlers", async () => {
    let [running, most] = [0, 0];
    const { inbox, send, until } = stage({
      concurrency: 2,
      on: {
        CONVERSATION_STARTED: async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 5));
          running--;
        },
      },
    });
    for (let index = 0; index < 12; index++) await send(eventOf(`evt_${index}`));
    inbox.start();
    await until("processing", 2);
    await Promise.all([inbox.sweep(), inbox.sweep()]);
    await until("done", 12);
    expect(most).toBe(2);
    await inbox.close();
  });

  it("frees finished events while a slow one is running", async () => {
    let finish = () => {};
    const { inbox, send, until, transitions } = stage({
      concurrency: 2,
      store: memoryStore(),
      on: {
        CONVERSATION_STARTED: () => {},
        DOCUMENT_UPLOADED: () => new Promise<void>((resolve) => (finish = resolve)),
      },
    });
    await send(eventOf("slow", { event: "DOCUMENT_UPLOADED" }));
    inbox.start();
    await until("processing");
    for (let index = 0; index < 50; index++) await send(eventOf(`evt_${index}`));
    await until("done", 50);
    finish();
    await until("done", 51);
    expect(transitions.filter(({ state }) => state === "done")).toHaveLength(51);
    await inbox.close();
  });

  it("handles events and answers even when tracing and metrics fail", async () => {
    let runs = 0;
    const failing = { span: () => Promise.reject(new Error("exporter is down")) };
    const throwing = {
      span: () => {
        throw new Error("exporter is down");
      },
    };
    const late = {
      span: async <T>(_: unknown, work: () => Promise<T>): Promise<T> => {
        await work();
        throw new Error("exporter is down");
      },
    };
    const down = () => {
      throw new Error("exporter is down");
    };
    const unmeasured = {
      span: <T>(_: unknown, work: () => Promise<T>) => work(),
      ...{ count: down, record: async () => down(), observe: down },
    };
    const unstoppable = { ...unmeasured, observe: () => down };
    for (const telemetry of [failing, throwing, late, unmeasured, unstoppable]) {
      await using inbox = stage({ telemetry }).inbox;
      inbox.start();
    }
    for (const telemetry of [failing, throwing, late, unmeasured]) {
      const { inbox, send } = stage({ telemetry, on: { CONVERSATION_STARTED: () => ++runs } });
      expect(await send(eventOf("evt_1"))).toBe(200);
      expect(await inbox.sweep()).toEqual({ done: 1, retry: 0, dead: 0 });
    }
    expect(runs).toBe(4);
  });

  it("recognizes a known event by its name, whatever else its envelope contains", async () => {
    const { inbox, send, transitions } = stage({ on: { CONVERSATION_STARTED: () => {} } });
    await send(eventOf("evt_1", { name: "Ada Lovelace", issues: [] }));
    expect(transitions.map(({ eventName }) => eventName)).toEqual(["CONVERSATION_STARTED"]);
    expect(await inbox.get("evt_1")).toMatchObject({ event: "CONVERSATION_STARTED" });
  });

  it("passes a context that can be spread", async () => {
    const contexts: object[] = [];
    const { inbox, send } = stage({ on: { CONVERSATION_STARTED: (_, context) => contexts.push({ ...context }) } });
    await send(eventOf("evt_1"));
    await inbox.sweep();
    expect(contexts).toEqual([
      {
        attempt: 1,
        body: expect.any(Uint8Array),
        fence: 1,
        idempotencyKey: "evt_1",
        signal: expect.any(AbortSignal),
        tx: expect.any(Function),
      },
    ]);
  });

  it("deletes an event's body no later than the event", async () => {
    const asked: number[][] = [];
    const store: InboxStore = {
      ...proxied(memoryStore()),
      prune: async ({ bodiesOlderThanMs, rowsOlderThanMs }) => {
        asked.push([bodiesOlderThanMs / 86_400_000, rowsOlderThanMs / 86_400_000]);
        return { bodies: 0, rows: 0 };
      },
    };
    for (const options of [{}, { keepEventsDays: 7 }]) await stage({ store, ...options }).inbox.prune();
    expect(asked).toEqual([
      [30, 400],
      [7, 7],
    ]);
  });

  it("refuses an invalid limit when listing or sweeping", async () => {
    const { inbox } = stage();
    for (const count of [0, 1.5, Number.NaN]) {
      await expect(collect(inbox.events({ pageSize: count }))).rejects.toMatchObject({ code: "CONFIG_INVALID" });
      await expect(inbox.sweep({ limit: count })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    }
  });

  it("ignores the errors of hooks", async () => {
    const fail = () => {
      throw new Error("logger is down");
    };
    const { inbox, send } = stage({ onTransition: fail, onConflict: fail, onError: fail });
    expect(await send(eventOf("evt_1"))).toBe(200);
    expect(await send(eventOf("evt_1", { extra: 1 }))).toBe(200);
    expect(await inbox.sweep()).toEqual({ done: 1, retry: 0, dead: 0 });
  });

  it.each<[string, object]>([
    ["no store", { store: undefined }],
    ["no handlers", { on: undefined }],
    ["a handler that would never be called", { on: { CONVERSATION_STARTET: () => {} } }],
    ["no concurrency", { concurrency: 0 }],
    ["half a handler at once", { concurrency: 1.5 }],
    ["handlers in a Map", { on: new Map([["CONVERSATION_STARTED", () => {}]]) }],
    [
      "handlers that are methods",
      {
        on: new (class Handlers {
          CONVERSATION_STARTED() {}
        })(),
      },
    ],
    ["null for handlers", { on: null }],
    ["a list of handlers", { on: [() => {}] }],
    ["a time that no timer takes", { leaseMs: 2 ** 31 }],
    ["no source", { source: "" }],
  ])("refuses options that cannot work: %s", (_, options) => {
    expect(() => createInbox({ store: memoryStore(), on: {}, ...options } as never)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
