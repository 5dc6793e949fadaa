import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hasPostgres, type TestSchema, testSchema } from "../../../faults/database.ts";
import { pgClient, postgresJsClient, type TestClient } from "../../../faults/database-clients.ts";
import { claimed, claimOf, newEvent } from "../../../faults/store-values.ts";
import { breakingProxy } from "../../../test/breaking-proxy.ts";

import { postgresStore } from "./index.ts";

const OTHERS = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE pid <> pg_backend_pid() AND datname = current_database() AND query LIKE $1`;

describe.skipIf(!(await hasPostgres()))("connections to Postgres", () => {
  let schema: TestSchema;
  beforeEach(async () => {
    schema = await testSchema();
  });
  afterEach(() => schema.drop());

  it.each([
    ["pg", pgClient],
    ["postgres.js", postgresJsClient],
  ] as const)("are replaced when they break while idle (%s)", async (_, open) => {
    const { store, end } = await open(schema, { schema: schema.name });
    await store.open();
    await Promise.all(Array.from({ length: 20 }, () => store.get(newEvent().key)));
    const killed = await schema.rows(OTHERS, [`%${schema.name}%popp_inbox%`]);
    // Immediately, before a client has noticed: the first statement uses a broken connection.
    const { outcome } = await store.accept(newEvent());
    await end();
    expect([killed.length > 1, outcome]).toEqual([true, "accepted"]);
  });

  it.each([
    ["pg", pgClient],
    ["postgres.js", postgresJsClient],
  ] as const)("lose nothing and count no duplicate when they break during an accept (%s)", async (_, open) => {
    const proxy = await breakingProxy(schema.url);
    const { store, end } = await open({ ...schema, url: proxy.url });
    try {
      await store.open();
      const [unsent, unanswered] = [newEvent(), newEvent()];
      proxy.breakNext("before the server has it", unsent.key);
      expect(await store.accept(unsent)).toEqual({ outcome: "accepted", state: "received" });
      proxy.breakNext("before its answer", unanswered.key);
      expect(await store.accept(unanswered)).toEqual({ outcome: "accepted", state: "received" });
      expect(proxy.broken()).toBe(2);
      for (const { key } of [unsent, unanswered]) expect((await store.get(key))?.duplicates).toBe(0);
      // Another delivery of the same event is a duplicate, even after a broken connection.
      proxy.breakNext("before its answer", unanswered.key);
      expect(await store.accept(unanswered)).toMatchObject({ outcome: "duplicate" });
      expect((await store.get(unanswered.key))?.duplicates).toBeGreaterThan(0);
    } finally {
      await end();
      await proxy.close();
    }
  });

  it.each([
    ["pg", pgClient],
    ["postgres.js", postgresJsClient],
  ] as const)("claim nothing twice when they break during a claim (%s)", async (_, open) => {
    const proxy = await breakingProxy(schema.url);
    const { store, end } = await open({ ...schema, url: proxy.url });
    try {
      await store.open();
      await store.accept(newEvent());
      const request = claimOf();
      proxy.breakNext("before its answer", request.token);
      await expect(store.claim(request)).rejects.toThrow();
      expect(proxy.broken()).toBe(1);
      expect(await store.claim(claimOf())).toEqual([]);
    } finally {
      await end();
      await proxy.close();
    }
  });

  it("are closed by pg when a statement times out, and replaced", async () => {
    const other = await pgClient(schema, { connections: 1 });
    await other.store.open();
    const options = { connections: 1, statementTimeoutMs: 200, schema: schema.name };
    const { store, pool, end } = await pgClient(schema, options);
    await vi.waitFor(() => store.open(), 60_000);
    const lock = await other.pool.connect();
    await lock.query("BEGIN; LOCK TABLE popp_inbox_event");
    await expect(store.accept(newEvent())).rejects.toThrow("timeout");
    expect(pool.totalCount).toBe(0);
    // The server still runs the statement, which would be in the way when the schema is dropped.
    await schema.rows(OTHERS, [`WITH stored%${schema.name}%`]);
    await lock.query("COMMIT");
    lock.release();
    const { outcome } = await vi.waitFor(() => store.accept(newEvent()), 60_000);
    expect(outcome).toBe("accepted");
    await Promise.all([end(), other.end()]);
  });

  it("are closed by pg when a transaction times out during a statement", async () => {
    const other = await pgClient(schema, { connections: 1 });
    await other.store.open();
    const { store, end } = await pgClient(schema, { connections: 1, transactionTimeoutMs: 200 });
    await vi.waitFor(() => store.open(), 60_000);
    const lease = await claimed(store);
    const asleep = `SELECT pg_sleep(3600) /* ${schema.name} popp_inbox */`;
    await expect(store.transact(lease, (tx) => tx.query(asleep))).rejects.toThrow("transactionTimeoutMs");
    expect((await store.get(lease.key))?.state).toBe("processing");
    await schema.rows(OTHERS, [`%pg_sleep%${schema.name}%`]);
    await Promise.all([end(), other.end()]);
  });

  it("refuse calls beyond maxPendingCalls", async () => {
    const { store, pool, end } = await pgClient(schema, { connections: 1, maxPendingCalls: 3 });
    await store.open();
    const only = await pool.connect();
    const calls = [1, 2, 3].map(() => store.accept(newEvent()));
    await expect(store.claim(claimOf())).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    only.release();
    await Promise.all(calls);
    await expect(store.claim(claimOf())).resolves.toHaveLength(3);
    await end();
  });

  it.each([
    ["pg", pgClient],
    ["postgres.js", postgresJsClient],
  ] as const)("prepare each statement once with prepare, and never without (%s)", async (_, open) => {
    const counts = [];
    for (const prepare of [false, true]) {
      const { store, run, end }: TestClient = await open(schema, { connections: 1, prepare });
      await store.open();
      for (let count = 0; count < 3; count++) await store.accept(newEvent());
      const count = "SELECT COUNT(*)::INT AS count FROM pg_prepared_statements WHERE statement LIKE 'WITH stored%'";
      counts.push(await store.transact(await claimed(store), async (tx) => (await run(tx, count))[0]?.count));
      await end();
    }
    expect(counts).toEqual([{ value: 0 }, { value: 1 }]);
  });

  it("serve two stores in two schemas with prepared statements", async () => {
    const { store, pool, end } = await pgClient(schema, { connections: 1, prepare: true });
    const other = postgresStore(pool, { schema: `${schema.name}_other`, prepare: true });
    await Promise.all([store.open(), other.open()]);
    const event = newEvent();
    const outcomes = [await store.accept(event), await other.accept(event), await other.accept(event)];
    await schema.rows(`DROP SCHEMA ${schema.name}_other CASCADE`);
    await end();
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["accepted", "accepted", "duplicate"]);
  });

  it("have no listener left when their store is closed", async () => {
    const { store, pool, end } = await pgClient(schema);
    await store.open();
    await store.open();
    const whileOpen = pool.listenerCount("error");
    await store.close();
    expect([whileOpen, pool.listenerCount("error")]).toEqual([1, 0]);
    await end();
  });
});
