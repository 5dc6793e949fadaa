import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { Redis } from "ioredis";
import pg from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { hasPostgres, testSchema } from "../../faults/database.ts";
import { hasRedis, REDIS_URL, removeKeys } from "../../faults/keyspace.ts";
import { newEvent } from "../../faults/store-values.ts";
import { eventOf, stage } from "../../test/stage.ts";
import type { ClaimRequest, InboxStore } from "../index.ts";
import { memoryStore } from "./memory/index.ts";
import { postgresStore } from "./postgres/index.ts";
import { redisStore } from "./redis/index.ts";
import { sqliteStore } from "./sqlite/index.ts";

const HOUR_MS = 3_600_000;
const LEASE_MS = 30_000;

/** A store, and what makes its clock an hour slower: all times that it holds are an hour further in the future then. */
interface Stage {
  readonly store: InboxStore<unknown>;
  readonly setClockBack: () => Promise<unknown>;
}

const inMemory = async (): Promise<Stage> => {
  let aheadMs = HOUR_MS;
  const setClockBack = async () => {
    aheadMs = 0;
  };
  return { store: memoryStore({ now: () => Date.now() + aheadMs }), setClockBack };
};

const inSqlite = async (): Promise<Stage> => {
  const database = new DatabaseSync(":memory:");
  const shift = ["due_at", "updated_at", "received_at"].map((column) => `${column} = ${column} + ${HOUR_MS}`);
  return {
    store: sqliteStore(database),
    setClockBack: async () => database.exec(`UPDATE popp_inbox_event SET ${shift.join()}`),
  };
};

const inPostgres = async (): Promise<Stage> => {
  const schema = await testSchema();
  const pool = new pg.Pool({ connectionString: schema.url, max: 2 });
  onTestFinished(async () => {
    await pool.end();
    await schema.drop();
  });
  return {
    store: postgresStore(pool, { schema: schema.name }),
    setClockBack: () =>
      schema.rows(`WITH turns AS (UPDATE popp_inbox_turn SET until = until + ${HOUR_MS})
        UPDATE popp_inbox_state SET due_at = due_at + ${HOUR_MS}, updated_at = updated_at + ${HOUR_MS}`),
  };
};

const inRedis = async (): Promise<Stage> => {
  const prefix = `popp-test-${randomBytes(6).toString("hex")}`;
  const client = new Redis(REDIS_URL);
  onTestFinished(async () => {
    await client.quit();
    await removeKeys(prefix);
  });
  const setClockBack = async () => {
    for (const key of await client.keys(`{${prefix}}:entry:*`))
      for (const field of ["dueAtMs", "updatedAtMs", "receivedAtMs"]) await client.hincrby(key, field, HOUR_MS);
    for (const set of ["due", "waiting", "leased"])
      for (const key of await client.keys(`{${prefix}}:${set}:*`))
        for (const member of await client.zrange(key, "0", "-1")) await client.zincrby(key, HOUR_MS, member);
  };
  return { store: redisStore(client, { prefix, allowDataLoss: true }), setClockBack };
};

const stages: readonly (readonly [string, () => Promise<Stage>, boolean])[] = [
  ["memory", inMemory, true],
  ["SQLite", inSqlite, true],
  ["Postgres", inPostgres, await hasPostgres()],
  ["Redis", inRedis, await hasRedis()],
];

describe.each(stages.filter(([, , isThere]) => isThere))(
  "%s, whose clock was an hour fast and is set back",
  (_, open) => {
    const request: ClaimRequest = {
      ...{ source: "test", token: "token", leaseMs: LEASE_MS, limit: 10, key: null, which: "any", maxCrashes: 8 },
      ...{ crashWaitsMs: [0], exclude: [], onlyNames: null, exceptNames: [] },
    };
    const retry = { state: "retry", delayMs: HOUR_MS / 2, note: "down", counts: true, history: null } as const;

    it("has due what it holds up, and nothing else", async () => {
      const { store, setClockBack } = await open();
      await store.open();
      const [received, failed, leased, later, ordered] = Array.from({ length: 5 }, () => newEvent());
      if (!received || !failed || !leased || !later || !ordered) return expect.unreachable();
      const order = { orderKey: "0".repeat(32), orderAtMs: 1 };
      for (const event of [failed, { ...leased, ...order }]) await store.accept(event);
      await store.claim({ ...request, token: "dead" });
      await store.settle({ key: failed.key, token: "dead" }, retry);
      await store.accept(received);
      await setClockBack();
      for (const event of [later, { ...ordered, ...order, orderAtMs: 2 }]) await store.accept(event);
      await store.claim({ ...request, key: later.key });
      await store.settle({ key: later.key, token: "token" }, retry);

      expect(await store.claim(request)).toEqual([]);
      expect(await store.correctDueTimes("another")).toBe(0);
      expect(await store.correctDueTimes("test")).toBe(3);
      expect(await store.correctDueTimes("test")).toBe(0);
      const claimed = await store.claim(request);
      expect(claimed.map(({ key }) => key).sort()).toEqual([received.key, failed.key].sort());
      const [leaseMs, laterMs] = [await store.dueInMs(leased.key), await store.dueInMs(later.key)];
      expect(leaseMs).toBeLessThanOrEqual(LEASE_MS);
      expect(leaseMs).toBeGreaterThan(0);
      expect(laterMs).toBeGreaterThan(HOUR_MS / 4);
      await store.close();
    });

    it("leaves the lease alone of a handler that has extended it since", async () => {
      const { store, setClockBack } = await open();
      await store.open();
      const event = newEvent();
      await store.accept(event);
      await store.claim(request);
      await setClockBack();
      expect(await store.renew({ key: event.key, token: "token" }, LEASE_MS)).toBe(true);
      expect(await store.correctDueTimes("test")).toBe(0);
      expect(await store.dueInMs(event.key)).toBeGreaterThan(LEASE_MS / 2);
      // As long as the lease is, whatever clock extends it next: an hour of a fast one would be corrected to this.
      const stored = await store.get(event.key);
      expect((stored?.dueAtMs ?? 0) - (stored?.updatedAtMs ?? 0)).toBe(LEASE_MS);
      await store.close();
    });

    it("handles by the next sweep what came before", async () => {
      const { store, setClockBack } = await open();
      const { inbox, send } = stage({ store });
      await send(eventOf("evt_1"));
      await setClockBack();
      expect(await inbox.sweep()).toMatchObject({ done: 1 });
      await inbox.close();
    });
  },
);
