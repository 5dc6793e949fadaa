import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasRedis, REDIS_URL, removeKeys } from "../../../faults/keyspace.ts";
import { claimOf, listOf, newEvent } from "../../../faults/store-values.ts";
import type { InboxStore } from "../../ports/store.ts";
import type { NewEvent } from "../../ports/stored-event.ts";
import { redisStore } from "./index.ts";

const SOURCE = "test";

let client: Redis;
let prefix: string;
let store: InboxStore;
beforeEach(async () => {
  client = new Redis(REDIS_URL);
  prefix = `popp-test-${randomBytes(6).toString("hex")}`;
  store = redisStore(client, { prefix, allowDataLoss: true, maxPendingCalls: 100_000 });
  await store.open();
});
afterEach(async () => {
  await client.quit();
  await removeKeys(prefix);
});

function accept(events: readonly NewEvent[]): Promise<unknown> {
  return Promise.all(events.map((event) => store.accept(event)));
}

const many = (count: number, overrides: Partial<NewEvent>) => Array.from({ length: count }, () => newEvent(overrides));

/** How many scripts a call runs: each is one round trip that the server does nothing beside. */
async function scriptsOf(run: () => Promise<unknown>): Promise<number> {
  let scripts = 0;
  const call = client.callBuffer.bind(client);
  const counted = (name: string, ...args: Buffer[]) => {
    if (name === "EVALSHA") scripts++;
    return call(name, ...args);
  };
  Object.assign(client, { callBuffer: counted });
  await run();
  Object.assign(client, { callBuffer: call });
  return scripts;
}

describe.skipIf(!(await hasRedis()))("thousands of events that cannot be claimed", () => {
  it("of a paused name are not looked at", async () => {
    await accept(many(3_000, { name: "PAUSED" }));
    const free = newEvent({ name: "FREE" });
    await accept([free]);
    await store.pause(SOURCE, "PAUSED");
    expect(await scriptsOf(async () => expect(await store.claim(claimOf({ limit: 1 }))).toHaveLength(1))).toBe(1);
    expect(await store.claim(claimOf())).toEqual([]);
    await store.resume(SOURCE, "PAUSED");
    expect(await store.claim(claimOf({ limit: 10 }))).toHaveLength(10);
  });

  it("do not hide an event of another name, though only one is asked for", async () => {
    const [running, held, behind] = [newEvent({ name: "A" }), newEvent({ name: "B" }), newEvent({ name: "C" })];
    for (const event of [running, held, behind]) await store.accept(event);
    await store.pause(SOURCE, "B");
    const keys = async () => (await store.claim(claimOf({ limit: 1, exclude: [running.key] }))).map(({ key }) => key);
    expect(await keys()).toEqual([behind.key]);
    expect(await keys()).toEqual([]);
  });

  it("of a held order are looked at once, and the one behind them is found", async () => {
    const orderKey = "a".repeat(32);
    const [first, ...others] = many(3_000, { orderKey, orderAtMs: 1 });
    await accept([first ?? expect.unreachable()]);
    const request = claimOf();
    await store.claim(request);
    await accept(others);
    await accept([newEvent({ name: "FREE" })]);
    const found = await store.claim(claimOf({ limit: 16 }));
    expect(found.map(({ name }) => name)).toEqual(["FREE"]);
    expect(await scriptsOf(async () => expect(await store.claim(claimOf())).toEqual([]))).toBe(1);
    // As soon as it is settled, the next one follows, one at a time and in order.
    let lease = { key: first?.key ?? "", token: request.token };
    for (const next of others.slice(0, 5)) {
      expect(await store.settle(lease, { state: "done", delayMs: null, note: null, counts: true, history: null })).toBe(
        true,
      );
      const again = claimOf();
      expect((await store.claim(again)).map(({ key }) => key)).toEqual([next.key]);
      expect(await store.claim(claimOf())).toEqual([]);
      lease = { key: next.key, token: again.token };
    }
    expect((await store.stats(SOURCE)).counts).toMatchObject({ received: 2_994, processing: 2, done: 5 });
  });

  it("of a held order can be claimed by key, erased and counted as overdue like others", async () => {
    const orderKey = "b".repeat(32);
    const [held, parked, erased, last] = many(4, { orderKey, orderAtMs: 1 });
    if (!held || !parked || !erased || !last) throw new Error("four were made");
    await accept([held, parked, erased, last]);
    const [request] = [claimOf({ key: held.key })];
    await store.claim(request);
    expect(await store.claim(claimOf())).toEqual([]);
    expect(await store.overdue({ source: SOURCE, lateMs: 0, after: null, limit: 10 })).toHaveLength(3);
    expect(await store.erase([erased.key])).toBe(1);
    expect(await store.erase([held.key])).toBe(1);
    expect(await store.claim(claimOf({ key: last.key, leaseMs: 1 }))).toHaveLength(1);
    await expect
      .poll(async () => (await store.claim(claimOf({ which: "waiting" }))).map(({ key }) => key))
      .toEqual([parked.key]);
    expect(await store.claim(claimOf({ which: "abandoned" }))).toEqual([]);
    expect((await store.stats(SOURCE)).counts).toMatchObject({ received: 0, processing: 2, done: 2 });
  });

  it("of a held order are back in line when the lease ends, though it was renewed", async () => {
    const orderKey = "c".repeat(32);
    const [held, parked] = many(2, { orderKey, orderAtMs: 1 });
    if (!held || !parked) throw new Error("two were made");
    await accept([held, parked]);
    const request = claimOf({ key: held.key, leaseMs: 100 });
    await store.claim(request);
    expect(await store.claim(claimOf())).toEqual([]);
    expect(await store.renew({ key: held.key, token: request.token }, 300)).toBe(true);
    const claimed = async () => (await store.claim(claimOf({ which: "waiting" }))).map(({ key }) => key);
    await expect.poll(claimed).toEqual([parked.key]);
  });
});

describe.skipIf(!(await hasRedis()))("a list among thousands", () => {
  it("by whatever is rare or absent is one script, which looks at 500 events at most", async () => {
    await accept(many(3_000, { name: "COMMON", tags: [1, 2], deadReason: "too old" }));
    const rare = newEvent({ name: "RARE", tags: [1, 3], deadReason: "another reason" });
    await accept([rare]);
    await accept(many(3_000, { name: "OTHER", tags: [2] }));
    const { receivedAtMs: at = 0 } = (await store.get(rare.key)) ?? {};
    const all = { source: SOURCE, limit: 10 };
    for (const [filter, count] of [
      [{ name: "RARE" }, 1],
      [{ name: "ABSENT" }, 0],
      [{ name: "OTHER", state: "dead" }, 0],
      [{ note: "another reason" }, 1],
      [{ note: "absent" }, 0],
      [{ tags: [[3]] }, 1],
      [{ tags: [[1], [3]], state: "dead", name: "RARE" }, 1],
      [{ tags: [[4]] }, 0],
      [{ sinceMs: at + 86_400_000 }, 0],
      [{ untilMs: 1 }, 0],
      [{ sinceMs: at, untilMs: at + 1, name: "RARE" }, 1],
    ] as const) {
      const scripts = await scriptsOf(async () =>
        expect(await store.list(listOf({ ...all, ...filter })), JSON.stringify(filter)).toHaveLength(count),
      );
      expect(scripts, JSON.stringify(filter)).toBe(1);
    }
  });
});

describe.skipIf(!(await hasRedis()))("a timeline", () => {
  it("since 1970 begins with the oldest event", async () => {
    await accept([newEvent()]);
    const untilMs = Math.ceil(Date.now() / 3_600_000 + 1) * 3_600_000;
    const scripts = await scriptsOf(async () => {
      const buckets = await store.timeline({ source: SOURCE, sinceMs: 0, untilMs, bucketMs: 30 * 86_400_000 });
      expect(buckets.map(({ received }) => received)).toEqual([1]);
    });
    expect(scripts).toBe(1);
  });

  it("counts the same by hours, which are kept, and by smaller buckets, event by event", async () => {
    const events = many(1_200, {});
    await accept([...events, ...events.slice(0, 100)]);
    await store.reject(newEvent(), 10);
    const request = claimOf({ limit: 500 });
    const claimed = await store.claim(request);
    const settlement = { delayMs: null, note: null, counts: true, history: null } as const;
    for (const [at, { key }] of claimed.entries())
      await store.settle({ key, token: request.token }, { ...settlement, state: at % 2 === 0 ? "done" : "dead" });
    await store.redrive(
      claimed.slice(0, 10).map(({ key }) => key),
      false,
    );
    await store.erase(events.slice(600, 700).map(({ key }) => key));
    const gone = { source: SOURCE, bodiesOlderThanMs: 0, deadOlderThanMs: 0, rowsOlderThanMs: 0, limit: 50 };
    await expect.poll(async () => (await store.prune(gone)).rows).toBeGreaterThan(0);
    const at = (await store.get(events.at(-1)?.key ?? ""))?.receivedAtMs ?? 0;
    const sum = async (bucketMs: number, sinceMs: number, untilMs: number) => {
      const buckets = await store.timeline({ source: SOURCE, sinceMs, untilMs, bucketMs });
      const total = (field: "received" | "done" | "dead" | "duplicates") =>
        buckets.reduce((all, bucket) => all + bucket[field], 0);
      return [total("received"), total("done"), total("dead"), total("duplicates")];
    };
    const day = at - (at % 86_400_000);
    const { counts } = await store.stats(SOURCE);
    const { received, processing, retry, done, dead } = counts;
    const [all, ...others] = await sum(3_600_000, day - 86_400_000, at + 60_000);
    expect([all, others[0], others[1]]).toEqual([received + processing + retry + done + dead, done, dead]);
    for (const bucketMs of [1_000, 60_000, 86_400_000])
      expect(await sum(bucketMs, day - 86_400_000, at + 60_000)).toEqual([all, ...others]);
    expect((await sum(3_600_000, day - 86_400_000, at))[0]).toBeLessThan(all ?? 0);
    expect(await sum(3_600_000, day - 86_400_000, at)).toEqual(await sum(1_000, day - 86_400_000, at));
    // An end within an hour that is over: nothing came before.
    expect(await sum(3_600_000, day - 3 * 86_400_000, day - 2 * 86_400_000 - 1_000)).toEqual([0, 0, 0, 0]);
  });
});

describe.skipIf(!(await hasRedis()))("a group of writes", () => {
  it("is one script", async () => {
    const events = many(64, {});
    await store.accept(newEvent());
    expect(await scriptsOf(() => accept(events))).toBe(1);
    expect((await store.stats(SOURCE)).counts.received).toBe(65);
  });

  it("lets an event that fails fail alone, and keeps nothing of it", async () => {
    await client.set(`{${prefix}}:all:6:broken`, "a text");
    const events = [...many(3, {}), newEvent({ source: "broken" }), ...many(3, {})];
    const ends = await Promise.allSettled(events.map((event) => store.accept(event)));
    expect(ends.map(({ status }) => status)).toEqual(
      events.map(({ source }) => (source === "broken" ? "rejected" : "fulfilled")),
    );
    expect(ends[3]).toMatchObject({ reason: { cause: { message: expect.stringContaining("WRONGTYPE") } } });
    expect(await store.get(events[3]?.key ?? "")).toBeUndefined();
    await expect(store.accept(events[3] ?? expect.unreachable())).rejects.toThrow("of another kind");
  });

  it("of large bodies is cut at 4 MiB", async () => {
    await store.accept(newEvent());
    const events = many(12, { body: new Uint8Array(1024 * 1024).fill(32) });
    expect(await scriptsOf(() => accept(events))).toBe(4);
    const listed = await store.list(listOf({ source: SOURCE, bodies: true, limit: 12 }));
    expect(listed.map(({ body }) => body?.length)).toEqual(events.map(() => 1024 * 1024));
  });
});
