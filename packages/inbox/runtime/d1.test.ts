import { env } from "cloudflare:workers";
import { createInbox, type InboxStore, type Lease } from "@popp-webhooks/inbox";
import { type D1Batch, type D1Client, type D1Statement, d1Store } from "@popp-webhooks/inbox/d1";
import { describeStore } from "@popp-webhooks/testing/store";
import { beforeEach, describe, expect, it } from "vitest";
import { claimOf } from "../../testing/src/conformance/store/claim-and-settle.ts";
import { newEvent, SOURCE } from "../../testing/src/conformance/store/new-event.ts";
import { EVERYTHING } from "../../testing/src/conformance/store/queries.ts";
import { SMALLEST } from "../faults/store-values.ts";
import { holdsVersion1 } from "../test/holds-version-1.ts";
import { VERSION_1_ACCEPT, VERSION_1_ROWS, VERSION_1_TABLES } from "../test/version-1.ts";

/** Empties the database: the suite needs a new one for each case. */
async function empty(): Promise<void> {
  const tables = await env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all<{ name: string }>();
  const ours = tables.results.filter(({ name }) => name === "marks" || name.startsWith("popp_inbox"));
  for (const { name } of ours) await env.DB.exec(`DROP TABLE ${name}`);
  await env.DB.exec("CREATE TABLE marks (id INTEGER PRIMARY KEY)");
}

describeStore(
  "D1",
  async () => {
    await empty();
    const store = d1Store(env.DB);
    return {
      store,
      connect: async () => {
        const other = d1Store(env.DB);
        await other.open();
        return other;
      },
      sideEffects: {
        write: (batch: D1Batch) => batch.add("INSERT INTO marks DEFAULT VALUES"),
        count: async () => (await env.DB.prepare("SELECT id FROM marks").all()).results.length,
      },
      close: () => store.close(),
    };
  },
  { caseTimeoutMs: 180_000 },
);

/** A claimed event. */
async function claimed(store: InboxStore<D1Batch>, leaseMs = 60_000): Promise<Lease> {
  const event = newEvent();
  await store.accept(event);
  const lease = { key: event.key, token: crypto.randomUUID() };
  await store.claim(claimOf({ ...lease, leaseMs }));
  return lease;
}

/** A database that counts the statements that run in it. */
function countStatements(database: D1Client) {
  let statements = 0;
  const counted = (statement: D1Statement): D1Statement =>
    new Proxy(statement, {
      get: (target, name) => {
        if (name === "bind") return (...values: unknown[]) => counted(target.bind(...values));
        if (name === "all") statements++;
        const method: unknown = Reflect.get(target, name);
        return typeof method === "function" ? method.bind(target) : method;
      },
    });
  const counting: D1Client = {
    prepare: (sql) => counted(database.prepare(sql)),
    batch: (batch) => {
      statements += batch.length;
      return database.batch(batch);
    },
  };
  return { database: counting, statements: () => statements };
}

const marks = async () => (await env.DB.prepare("SELECT id FROM marks").all()).results.length;

describe("D1", () => {
  let store: InboxStore<D1Batch>;

  beforeEach(async () => {
    await empty();
    store = d1Store(env.DB);
    await store.open();
  });

  it("rolls back everything when one write fails and keeps the claim", async () => {
    const lease = await claimed(store);

    const result = store.transact(lease, (batch) => {
      batch.add("INSERT INTO marks (id) VALUES (?)", 1);
      batch.add("INSERT INTO marks (id) VALUES (?)", 1);
    });

    await expect(result).rejects.toThrow("UNIQUE");
    expect([await marks(), (await store.get(lease.key))?.state]).toEqual([0, "processing"]);
  });

  it("runs no write when the event was deleted", async () => {
    const result = await store.transact({ key: "none", token: "none" }, (batch) =>
      batch.add("INSERT INTO marks (id) VALUES (?)", 1),
    );

    expect([result, await marks()]).toEqual([undefined, 0]);
  });

  it("rolls back when the lease is lost during the work", async () => {
    const lease = await claimed(store, 1);

    const result = await store.transact(lease, async (batch) => {
      batch.add("INSERT INTO marks (id) VALUES (?)", 1);
      await new Promise((resolve) => setTimeout(resolve, 30));
      await store.claim(claimOf({ key: lease.key, token: "another" }));
    });

    expect([result, await marks(), (await store.get(lease.key))?.fence]).toEqual([undefined, 0, 2]);
  });

  it("awaits asynchronous work and refuses later writes", async () => {
    const lease = await claimed(store);
    let late: D1Batch["add"] = () => {};

    const result = await store.transact(lease, async ({ add }) => {
      late = add;
      await new Promise((resolve) => setTimeout(resolve, 10));
      add("INSERT INTO marks (id) VALUES (?)", 7);
      return "a value";
    });

    expect([result, await marks()]).toEqual([{ value: "a value" }, 1]);
    expect(() => late("INSERT INTO marks DEFAULT VALUES")).toThrow("wait");
  });

  it("accepts values of every D1 type", async () => {
    const lease = await claimed(store);
    await env.DB.exec("DROP TABLE IF EXISTS kinds");
    await env.DB.exec("CREATE TABLE kinds (a, b, c, d, e, f)");

    await store.transact(lease, ({ add }) =>
      add(
        "INSERT INTO kinds VALUES (?, ?, ?, ?, ?, ?)",
        1.5,
        "é",
        true,
        null,
        new Uint8Array([0, 255]),
        new ArrayBuffer(1),
      ),
    );

    const row = await env.DB.prepare("SELECT a, b, c, d, hex(e) AS e, hex(f) AS f FROM kinds").first();
    expect(row).toEqual({ a: 1.5, b: "é", c: 1, d: null, e: "00FF", f: "00" });
  });

  it("stores an event of the maximum size and refuses one byte more", async () => {
    const event = newEvent({ eventId: null, name: "", headers: "", body: new Uint8Array(0) });
    const texts = [event.key, event.source, event.hash].join("").length * 3;
    const largest = { ...event, body: new Uint8Array(1_980_000 - texts).fill(0xff) };

    await store.accept(largest);
    expect((await store.get(event.key))?.body?.byteLength).toBe(largest.body.byteLength);

    const lease = { key: event.key, token: "t" };
    const claim = claimOf({ key: event.key, leaseMs: 1_000, token: lease.token });
    await store.claim(claim);
    const note = "\\u0000".repeat(2_048);
    expect(await store.settle(lease, { state: "dead", delayMs: null, note, counts: true, history: null })).toBe(true);

    const larger = { ...event, body: new Uint8Array(largest.body.byteLength + 1) };
    const refusal = { code: "BODY_TOO_LARGE", status: 413, message: expect.stringContaining("`maxBytes`") };
    await expect(store.accept(larger)).rejects.toMatchObject(refusal);
    await expect(store.reject(larger, 10)).rejects.toMatchObject(refusal);
  });

  it("moves the events of version 1 over, and leaves no table for a worker of version 1", async () => {
    await empty();
    for (const sql of [...VERSION_1_TABLES, ...VERSION_1_ROWS]) await env.DB.prepare(sql).run();
    await expect(d1Store(env.DB, { migrate: false }).open()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    const moved = d1Store(env.DB);
    await moved.open();
    await holdsVersion1(moved);
    await expect(env.DB.prepare(VERSION_1_ACCEPT).run()).rejects.toThrow(/no such table/);
  });

  it.each([1, 5, 30])("needs few statements for a sweep of %i, so that it fits the free plan", async (limit) => {
    for (let number = 0; number < limit; number++) await store.accept({ ...newEvent(SMALLEST), source: "popp" });
    const counting = countStatements(env.DB);
    expect(await createInbox({ store: d1Store(counting.database), on: {} }).sweep({ limit })).toMatchObject({
      done: limit,
    });
    expect(counting.statements()).toBeLessThanOrEqual(10 + 2 * limit);
  });

  it("needs few statements for a sweep of events in an order, and for indexing what version 1 has stored", async () => {
    await empty();
    for (const sql of [...VERSION_1_TABLES, ...VERSION_1_ROWS]) await env.DB.prepare(sql).run();
    await store.open();
    for (let number = 0; number < 30; number++)
      await store.accept({
        ...newEvent({ ...SMALLEST, orderKey: `order ${number}`, orderAtMs: number }),
        source: "popp",
      });
    const counting = countStatements(env.DB);
    expect((await createInbox({ store: d1Store(counting.database), on: {} }).sweep({ limit: 30 })).done).toBe(30);
    expect(counting.statements()).toBeLessThanOrEqual(10 + 2 * 30);
    expect(await store.unindexed("popp", 1)).toEqual([]);
  });

  it("seals the tags of many events when it prunes, and finds events in sealed and in new ones", async () => {
    const [old, sealed, fresh] = [newEvent({ tags: [7] }), newEvent({ tags: [7, 8] }), newEvent({ tags: [7] })];
    await store.accept(old);
    await env.DB.exec("UPDATE sqlite_sequence SET seq = 5000 WHERE name = 'popp_inbox_event'");
    await store.accept(sealed);
    const tagged = { ...EVERYTHING, tags: [[7]] };
    const keys = async () => (await store.list(tagged)).map(({ key }) => key);
    expect(await keys()).toEqual([sealed.key, old.key]);
    const ages = { bodiesOlderThanMs: 1e9, deadOlderThanMs: 1e9, rowsOlderThanMs: 1e9 };
    await store.prune({ source: SOURCE, ...ages, limit: 10 });
    expect((await env.DB.prepare("SELECT part FROM popp_inbox_part").all()).results).toEqual([{ part: 5001 }]);
    await store.accept(fresh);
    expect(await keys()).toEqual([fresh.key, sealed.key, old.key]);
    await store.prune({ source: SOURCE, ...ages, limit: 10 });
    expect((await env.DB.prepare("SELECT part FROM popp_inbox_part").all()).results).toHaveLength(1);
  });

  it("creates the tables once when many Workers start at once, also when there are those of version 1", async () => {
    const start = async () => {
      const stores = Array.from({ length: 10 }, () => d1Store(env.DB));
      await Promise.all(stores.map((one) => one.open()));
      expect(await Promise.all(stores.map(async (one) => (await one.accept(newEvent())).outcome))).toEqual(
        stores.map(() => "accepted"),
      );
    };
    await empty();
    await start();
    await empty();
    for (const sql of [...VERSION_1_TABLES, ...VERSION_1_ROWS]) await env.DB.prepare(sql).run();
    await start();
    expect((await store.stats("popp")).counts).toMatchObject({ received: 1, done: 2, dead: 1 });
  });

  it("uses tables that are one step ahead when they say so, and creates none with `migrate: false`", async () => {
    await env.DB.exec("ALTER TABLE popp_inbox_event ADD COLUMN later TEXT");
    await env.DB.exec("INSERT INTO popp_inbox_schema (version, readable_by) VALUES (3, 2)");
    const ahead = d1Store(env.DB, { migrate: false });
    await ahead.open();
    expect((await ahead.accept(newEvent())).outcome).toBe("accepted");
    await env.DB.exec("INSERT INTO popp_inbox_schema (version, readable_by) VALUES (4, 3)");
    await expect(d1Store(env.DB).open()).rejects.toMatchObject({ message: expect.stringContaining("version 4") });

    await empty();
    const refusal = { code: "STORE_UNAVAILABLE", message: expect.stringContaining("no schema yet") };
    await expect(d1Store(env.DB, { migrate: false }).open()).rejects.toMatchObject(refusal);
    const tables = await env.DB.prepare("SELECT name FROM sqlite_master WHERE name LIKE 'popp_inbox%'").all();
    expect(tables.results).toEqual([]);
  });

  it("does not change tables of a newer version", async () => {
    await empty();
    await env.DB.exec("CREATE TABLE popp_inbox_schema (version INTEGER PRIMARY KEY)");
    await env.DB.exec("INSERT INTO popp_inbox_schema (version) VALUES (999)");

    await expect(d1Store(env.DB).open()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });

    const tables = await env.DB.prepare("SELECT name FROM sqlite_master WHERE name LIKE 'popp_inbox%'").all();
    expect(tables.results).toEqual([{ name: "popp_inbox_schema" }]);
  });

  it("refuses a value that is not a binding and a session of a binding", () => {
    expect(() => d1Store(env.DB.withSession("first-unconstrained"))).toThrow("replica");
    // @ts-expect-error a binding that is missing in the configuration
    expect(() => d1Store(undefined)).toThrow("d1_databases");
  });
});
