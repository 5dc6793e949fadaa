import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasPostgres, type TestSchema, testSchema } from "../../../faults/database.ts";
import { scaled } from "../../../faults/scale.ts";
import { claimOf, newEvent } from "../../../faults/store-values.ts";
import type { NewEvent } from "../../ports/stored-event.ts";
import { postgresStore } from "./index.ts";

/** `pnpm faults` runs all 200. */
const ROUNDS = scaled(40, 40, 200);

describe.skipIf(!(await hasPostgres()))("groups of statements", () => {
  let schema: TestSchema;
  beforeEach(async () => {
    schema = await testSchema();
  });
  afterEach(() => schema.drop());

  it("neither wait in a circle nor fail: settlements, duplicates and claims for many rounds", async () => {
    const pools = Array.from({ length: 3 }, () => new pg.Pool({ connectionString: schema.url, max: 4 }));
    // A group that failed would be run again, one by one, and nobody would notice.
    const failures: unknown[] = [];
    for (const pool of pools) {
      const query = pool.query.bind(pool);
      Object.assign(pool, {
        query: (statement: pg.QueryConfig) =>
          query(statement).catch((error: unknown) => {
            failures.push(error);
            throw error;
          }),
      });
    }
    const stores = pools.map((pool) => postgresStore(pool, { schema: schema.name, statementTimeoutMs: 60_000 }));
    for (const store of stores) await store.open();
    const [first, second, third] = stores;
    if (!first || !second || !third) throw new Error("expected three stores");
    const settlement = { state: "retry", delayMs: 0, note: null, counts: false, history: null } as const;
    const events = Array.from({ length: 60 }, (_, at) =>
      newEvent({ orderKey: at % 3 ? null : `o${at}`, orderAtMs: at }),
    );
    const shuffled = (): NewEvent[] =>
      events
        .map((event) => [Math.random(), event] as const)
        .sort(([a], [b]) => a - b)
        .map(([, event]) => event);
    await Promise.all(events.map((event) => first.accept(event)));
    let settled = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const request = claimOf();
      const claimed = await first.claim(request);
      const results = await Promise.all([
        ...shuffled().map((event) => second.accept(event)),
        ...shuffled().map((event) => third.accept(event)),
        ...[...claimed].reverse().map(({ key }) => first.settle({ key, token: request.token }, settlement)),
        second.claim(claimOf({ limit: 5, leaseMs: 1 })),
        third.redrive(
          shuffled().map(({ key }) => key),
          false,
        ),
      ]);
      settled += results.filter((result) => result === true).length;
    }
    expect(failures).toEqual([]);
    expect(settled).toBeGreaterThan(ROUNDS);
    const rows = await schema.rows(
      "SELECT MIN(duplicates)::INT AS least, MAX(duplicates)::INT AS most FROM popp_inbox_event",
    );
    expect(rows).toEqual([{ least: 2 * ROUNDS, most: 2 * ROUNDS }]);
    for (const pool of pools) await pool.end();
  });

  it("leave out an event whose row somebody holds, and store the others", async () => {
    const pool = new pg.Pool({ connectionString: schema.url, max: 6 });
    const store = postgresStore(pool, { schema: schema.name });
    await store.open();
    const [held, ...others] = Array.from({ length: 40 }, () => newEvent());
    if (held === undefined) throw new Error("expected an event");
    await store.accept(held);
    const lock = await pool.connect();
    await lock.query("BEGIN");
    await lock.query("SELECT 1 FROM popp_inbox_event WHERE key = $1 FOR UPDATE", [held.key]);
    // Two that run alone, so that the others wait and become a group.
    const running = [newEvent(), newEvent()].map((event) => store.accept(event));
    let isOver = false;
    const waiting = store.accept(held).finally(() => {
      isOver = true;
    });
    const outcomes = await Promise.all([...running, ...others.map((event) => store.accept(event))]);
    expect(outcomes.every(({ outcome }) => outcome === "accepted")).toBe(true);
    expect(isOver).toBe(false);
    await lock.query("COMMIT");
    lock.release();
    expect(await waiting).toEqual({ outcome: "duplicate", state: "received" });
    await pool.end();
  });

  it("store the good events of a group with one that the server refuses", async () => {
    const pool = new pg.Pool({ connectionString: schema.url, max: 6 });
    const store = postgresStore(pool, { schema: schema.name });
    await store.open();
    const events = Array.from({ length: 20 }, (_, at) => newEvent(at === 10 ? { eventId: "\0" } : {}));
    const results = await Promise.allSettled(events.map((event) => store.accept(event)));
    expect(results.map(({ status }) => status)).toEqual(events.map((_, at) => (at === 10 ? "rejected" : "fulfilled")));
    expect((await store.stats("test")).counts.received).toBe(19);
    await pool.end();
  });

  it("count right while the tally is summed up", async () => {
    const pool = new pg.Pool({ connectionString: schema.url, max: 6 });
    const store = postgresStore(pool, { schema: schema.name });
    await store.open();
    const prune = { source: "test", bodiesOlderThanMs: 1e9, deadOlderThanMs: 1e9, rowsOlderThanMs: 1e9, limit: 1 };
    for (let count = 0; count < 300; count += 30) {
      const work = Array.from({ length: 30 }, () => store.accept(newEvent()));
      await Promise.all([...work, store.prune(prune), store.prune(prune)]);
      expect((await store.stats("test")).counts.received).toBe(count + 30);
    }
    await store.prune(prune);
    expect(await schema.rows("SELECT COUNT(*)::INT AS n FROM popp_inbox_tally")).toEqual([{ n: 1 }]);
    await pool.end();
  });
});
