import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasPostgres, type TestSchema, testSchema } from "../../../faults/database.ts";
import { claimOf, newEvent } from "../../../faults/store-values.ts";
import type { InboxStore } from "../../ports/store.ts";
import { postgresStore } from "./index.ts";

/** The tables of version 1, as its last release made them. */
const VERSION_1 = `CREATE TABLE popp_inbox (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key TEXT NOT NULL UNIQUE, source TEXT NOT NULL, event_id TEXT, name TEXT NOT NULL,
    hash TEXT NOT NULL, state TEXT NOT NULL, token TEXT, fence BIGINT NOT NULL DEFAULT 0, attempts BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT, received_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, last_seen_at BIGINT NOT NULL,
    duplicates BIGINT NOT NULL DEFAULT 0, conflicts BIGINT NOT NULL DEFAULT 0, conflict_hash TEXT,
    order_key TEXT, order_at BIGINT, note TEXT, headers TEXT, body BYTEA);
  CREATE INDEX popp_inbox_due ON popp_inbox (source, due_at, seq) WHERE due_at IS NOT NULL;
  CREATE INDEX popp_inbox_state ON popp_inbox (source, state, seq);
  CREATE INDEX popp_inbox_order ON popp_inbox (order_key, order_at) WHERE order_key IS NOT NULL;
  CREATE INDEX popp_inbox_kept ON popp_inbox (source, updated_at) WHERE due_at IS NULL AND body IS NOT NULL;
  CREATE INDEX popp_inbox_tombs ON popp_inbox (source, updated_at) WHERE due_at IS NULL AND body IS NULL;
  CREATE TABLE popp_inbox_schema (version INTEGER PRIMARY KEY);
  INSERT INTO popp_inbox_schema (version) VALUES (1)`;

/** Events in every state, two of one order key in processing, and one without its body. */
const EVENTS = `INSERT INTO popp_inbox (key, source, event_id, name, hash, state, token, fence, attempts, due_at, received_at, updated_at, last_seen_at,
    duplicates, conflicts, conflict_hash, order_key, order_at, note, headers, body) VALUES
  ('received', 'test', 'evt_1', 'A', 'h1', 'received', NULL, 0, 0, 1000, 1000, 1000, 1500, 2, 1, 'h9', NULL, NULL, NULL, '{"a":"b"}', '\\x00ff'),
  ('retry', 'test', 'evt_2', 'A', 'h2', 'retry', NULL, 1, 1, 9000000000000, 1001, 1002, 1001, 0, 0, NULL, 'k1', 7, 'failed', '{}', '\\x01'),
  ('claimed', 'test', 'evt_3', 'A', 'h3', 'processing', 't1', 1, 1, 9000000000000, 1002, 1003, 1002, 0, 0, NULL, 'k1', 8, NULL, '{}', '\\x02'),
  ('abandoned', 'test', 'evt_4', 'B', 'h4', 'processing', 't2', 1, 1, 1004, 1003, 1003, 1003, 0, 0, NULL, 'k1', 9, NULL, '{}', '\\x03'),
  ('done', 'test', 'evt_5', 'B', 'h5', 'done', NULL, 1, 1, NULL, 1004, 1005, 1004, 0, 0, NULL, 'k2', 5, NULL, '{}', '\\x04'),
  ('pruned', 'test', NULL, 'B', 'h6', 'done', NULL, 1, 1, NULL, 1005, 1006, 1005, 0, 0, NULL, NULL, NULL, 'unhandled', NULL, NULL),
  ('dead', 'test', 'evt_7', 'C', 'h7', 'dead', NULL, 8, 8, NULL, 1006, 1007, 1006, 0, 0, NULL, NULL, NULL, 'gave up', '{}', '\\x05'),
  ('rejected', 'test', NULL, '', 'h8', 'rejected', NULL, 0, 0, NULL, 1007, 1007, 1007, 0, 0, NULL, NULL, NULL, 'not JSON', '{}', '\\x06')`;

/** What a process of version 1 sends. */
const STATEMENTS_OF_VERSION_1 = [
  "SELECT key FROM popp_inbox WHERE source = 'test' AND due_at <= 2000",
  "UPDATE popp_inbox SET state = 'done', body = NULL WHERE key = 'claimed'",
  "INSERT INTO popp_inbox (key, source, name, hash, state, received_at, updated_at, last_seen_at) VALUES ('n', 's', '', '', 'received', 1, 1, 1)",
];

async function expectMoved<Tx>(store: InboxStore<Tx>): Promise<void> {
  expect(await store.get("received")).toMatchObject({
    ...{ eventId: "evt_1", name: "A", hash: "h1", state: "received", duplicates: 2, conflicts: 1, conflictHash: "h9" },
    ...{ receivedAtMs: 1000, lastSeenAtMs: 1500, dueAtMs: 1000, headers: '{"a":"b"}', hasBody: true },
    ...{ tags: null, recordId: null, history: null, crashes: 0, startedAtMs: null },
  });
  expect([...((await store.get("received"))?.body ?? [])]).toEqual([0, 255]);
  expect(await store.get("pruned")).toMatchObject({ state: "done", note: "unhandled", hasBody: false, body: null });
  expect(await store.newestDone("k2")).toBe(5);
  const { counts, names, hasUnindexed } = await store.stats("test");
  expect(counts).toEqual({ received: 1, processing: 2, retry: 1, done: 2, dead: 1, rejected: 1 });
  expect([names.B, hasUnindexed]).toEqual([{ processing: 1, done: 2 }, true]);
  expect((await store.unindexed("test", 10)).map(({ key }) => key)).toHaveLength(8);
  // The claimed event of the order key still has its turn.
  expect((await store.claim(claimOf())).map(({ key }) => key)).toEqual(["received"]);
  expect(await store.renew({ key: "claimed", token: "t1" }, 60_000)).toBe(true);
  const event = newEvent();
  await store.accept(event);
  expect((await store.get(event.key))?.seq).toBeGreaterThan(8);
}

async function indexAll<Tx>(store: InboxStore<Tx>): Promise<void> {
  const found = await store.unindexed("test", 100);
  await store.index(found.map(({ key }) => ({ key, recordId: `of ${key}`, tags: [5], nameTag: 1 })));
  expect([await store.unindexed("test", 1), (await store.stats("test")).hasUnindexed]).toEqual([[], false]);
  expect(await store.get("dead")).toMatchObject({ recordId: "of dead", tags: [5] });
}

describe.skipIf(!(await hasPostgres()))("tables of version 1 on a server", () => {
  let schema: TestSchema;
  let pool: pg.Pool;
  beforeEach(async () => {
    schema = await testSchema();
    pool = new pg.Pool({ connectionString: schema.url });
    await pool.query(VERSION_1);
  });
  afterEach(async () => {
    await pool.end();
    await schema.drop();
  });

  it("are moved with their events, when two processes open them at once", async () => {
    await pool.query(EVENTS);
    const stores = [
      postgresStore(pool, { schema: schema.name }),
      postgresStore(pool, { schema: schema.name }),
    ] as const;
    await Promise.all(stores.map((store) => store.open()));
    await expectMoved(stores[0]);
    await indexAll(stores[1]);
  });

  it("are moved in steps, all of them", async () => {
    await pool.query(`INSERT INTO popp_inbox (key, source, name, hash, state, due_at, received_at, updated_at, last_seen_at, headers, body)
      SELECT 'key ' || n, 'test', 'A', 'h', 'received', n, n, n, n, '{}', convert_to('body ' || n, 'UTF8') FROM generate_series(1, 2345) AS n`);
    const store = postgresStore(pool, { schema: schema.name });
    await store.open();
    expect((await store.stats("test")).counts.received).toBe(2345);
    expect((await schema.rows("SELECT COUNT(*)::INT AS n FROM popp_inbox_body"))[0]).toEqual({ n: 2345 });
    expect(new TextDecoder().decode((await store.get("key 2345"))?.body ?? new Uint8Array())).toBe("body 2345");
  });

  it("give a process of version 1 errors once they are moved, and nothing else", async () => {
    await pool.query(EVENTS);
    const old = await pool.connect();
    const send = (text: string, at: number) => old.query({ name: `prepared ${at}`, text });
    await old.query("BEGIN");
    await send(STATEMENTS_OF_VERSION_1[0] ?? "", 0);
    const opening = postgresStore(pool, { schema: schema.name }).open();
    await old.query("COMMIT");
    await opening;
    for (const [at, text] of STATEMENTS_OF_VERSION_1.entries())
      await expect(send(text, at)).rejects.toMatchObject({ code: "42P01" });
    old.release();
  });

  it("are left alone by a store that must not migrate", async () => {
    await pool.query(EVENTS);
    await expect(postgresStore(pool, { schema: schema.name, migrate: false }).open()).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("version 1"),
    });
    expect(await schema.rows("SELECT COUNT(*)::INT AS n FROM popp_inbox")).toEqual([{ n: 8 }]);
    expect(await schema.rows("SELECT * FROM popp_inbox_schema")).toEqual([{ version: 1 }]);
  });
});

describe("tables of version 1 in a PGlite", () => {
  it("are moved with their events", async () => {
    const database = new PGlite();
    await database.exec(`${VERSION_1}; ${EVENTS}`);
    const store = postgresStore(database);
    await store.open();
    await expectMoved(store);
    await indexAll(store);
    await database.close();
  });
});
