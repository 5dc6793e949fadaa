import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DATABASE_URL, hasPostgres, type TestSchema, testSchema, withSettings } from "../../../faults/database.ts";
import { newEvent } from "../../../faults/store-values.ts";
import { postgresStore } from "./index.ts";

const TABLES = `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1 ORDER BY 1`;
const ALL = ["body", "event", "pause", "schema", "state", "tag", "tally", "turn"].map((name) => ({
  name: `popp_inbox_${name}`,
}));

describe.skipIf(!(await hasPostgres()))("opening a store in Postgres", () => {
  let schema: TestSchema;
  let pools: pg.Pool[];
  beforeEach(async () => {
    schema = await testSchema();
    pools = [];
  });
  afterEach(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await schema.drop();
  });

  function poolWith(options: pg.PoolConfig = {}, settings = ""): pg.Pool {
    const pool = new pg.Pool({ connectionString: withSettings(schema.url, settings), ...options });
    pools.push(pool);
    return pool;
  }

  it("makes the tables once, when ten processes start at once", async () => {
    const stores = Array.from({ length: 10 }, () => postgresStore(poolWith({ max: 1 }), { schema: schema.name }));
    await Promise.all(stores.map((store) => store.open()));
    await Promise.all(stores.map((store) => store.accept(newEvent())));
    expect(await schema.rows(TABLES, [schema.name])).toEqual(ALL);
    expect(await schema.rows("SELECT * FROM popp_inbox_schema")).toEqual([{ version: 2, readable_by: 2 }]);
  });

  it.each(["repeatable read", "serializable"])("makes them once where the default is %s", async (level) => {
    const settings = `-c default_transaction_isolation=${level.replace(" ", "\\ ")}`;
    const stores = Array.from({ length: 10 }, () =>
      postgresStore(poolWith({ max: 1 }, settings), { schema: schema.name }),
    );
    await Promise.all(stores.map((store) => store.open()));
    expect(await schema.rows(TABLES, [schema.name])).toEqual(ALL);
  });

  it.each([
    ["(version INTEGER PRIMARY KEY)", "(99)"],
    ["(version INTEGER PRIMARY KEY, readable_by INTEGER)", "(1, NULL), (2, 2), (99, 3)"],
  ])("touches nothing where a newer version has been: %s with %s", async (columns, versions) => {
    await schema.rows(`CREATE TABLE popp_inbox_schema ${columns}`);
    await schema.rows(`INSERT INTO popp_inbox_schema VALUES ${versions}`);
    await expect(postgresStore(poolWith(), { schema: schema.name }).open()).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("version 99"),
    });
    expect(await schema.rows(TABLES, [schema.name])).toEqual([{ name: "popp_inbox_schema" }]);
  });

  it("works on tables of a newer version that this one can use, and changes nothing about them", async () => {
    await postgresStore(poolWith(), { schema: schema.name }).open();
    await schema.rows("INSERT INTO popp_inbox_schema VALUES (3, 2)");
    await schema.rows("ALTER TABLE popp_inbox_event ADD COLUMN added TEXT");
    const store = postgresStore(poolWith(), { schema: schema.name });
    await store.open();
    const event = newEvent();
    await store.accept(event);
    expect(await store.get(event.key)).toMatchObject({ state: "received" });
    expect(await schema.rows("SELECT version FROM popp_inbox_schema ORDER BY 1")).toEqual([
      { version: 2 },
      { version: 3 },
    ]);
  });

  it("makes no tables when it is told to leave them", async () => {
    const store = postgresStore(poolWith(), { migrate: false, schema: `${schema.name}_none` });
    await expect(store.open()).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("Start the app once"),
    });
    expect(await schema.rows("SELECT to_regnamespace($1) AS made", [`${schema.name}_none`])).toEqual([{ made: null }]);
    await postgresStore(poolWith(), { schema: schema.name }).open();
    await expect(postgresStore(poolWith(), { schema: schema.name, migrate: false }).open()).resolves.toBeUndefined();
  });

  it("needs no right to create anything once the tables are there", async () => {
    await postgresStore(poolWith(), { schema: schema.name }).open();
    const role = `${schema.name}_role`;
    await schema.rows(`CREATE ROLE ${role}`);
    await schema.rows(`GRANT USAGE ON SCHEMA ${schema.name} TO ${role}`);
    await schema.rows(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema.name} TO ${role}`);
    const store = postgresStore(poolWith({}, `-c role=${role}`), { schema: schema.name });
    await store.open();
    const outcome = await store.accept(newEvent());
    await schema.rows(`DROP OWNED BY ${role}`);
    await schema.rows(`DROP ROLE ${role}`);
    expect(outcome).toEqual({ outcome: "accepted", state: "received" });
  });

  it("refuses a server that can lose what it has committed, unless it is told not to", async () => {
    const unsafe = poolWith({}, "-c synchronous_commit=off");
    await expect(postgresStore(unsafe, { schema: schema.name }).open()).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("synchronous_commit=off"),
    });
    expect(await schema.rows(TABLES, [schema.name])).toEqual([]);
    const store = postgresStore(unsafe, { schema: schema.name, allowUnsafeCommit: true });
    await store.open();
    expect([store.durability, postgresStore(unsafe, { schema: schema.name }).durability]).toEqual([
      "process",
      "power-loss",
    ]);
  });

  it.each(["local", "remote_write", "on"])("takes synchronous_commit=%s, which reaches the disk", async (setting) => {
    await expect(
      postgresStore(poolWith({}, `-c synchronous_commit=${setting}`), { schema: schema.name }).open(),
    ).resolves.toBeUndefined();
  });

  it("keeps its tables in the schema that it is told, and makes that too", async () => {
    const [named, url] = [`${schema.name}_named`, DATABASE_URL];
    const pool = poolWith();
    const sql = postgres(url, { onnotice: () => {} });
    const stores = [postgresStore(pool, { schema: named }), postgresStore(sql, { schema: named })];
    await Promise.all(stores.map((store) => store.open()));
    const event = newEvent();
    const outcomes = [];
    for (const store of stores) outcomes.push((await store.accept(event)).outcome);
    const tables = [await schema.rows(TABLES, [named]), await schema.rows(TABLES, [schema.name])];
    await sql.end();
    await schema.rows(`DROP SCHEMA ${named} CASCADE`);
    expect(outcomes).toEqual(["accepted", "duplicate"]);
    expect(tables).toEqual([ALL, []]);
  });

  it.each(["", "a".repeat(64), "é".repeat(32), "pg_inbox", "information_schema", "a\0b", "\ud800"])(
    "takes no schema by the name of %j",
    (name) => {
      expect(() => postgresStore(poolWith(), { schema: name })).toThrow(
        expect.objectContaining({ code: "CONFIG_INVALID" }),
      );
    },
  );

  it("says so when postgres.js renames columns", async () => {
    const sql = postgres(schema.url, { transform: postgres.camel });
    const failed = await postgresStore(sql, { schema: schema.name })
      .open()
      .catch((error: unknown) => error);
    await sql.end();
    expect(failed).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining("transform") });
  });

  it("says so when postgres.js cannot read bytes as the server writes them", async () => {
    const sql = postgres(withSettings(schema.url, "-c bytea_output=escape"));
    const failed = await postgresStore(sql, { schema: schema.name })
      .open()
      .catch((error: unknown) => error);
    await sql.end();
    expect(failed).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining("bytea_output") });
  });

  it("fails while the server is out of reach, and works when it is back", async () => {
    const pool = poolWith();
    const options = pool.options;
    const port = options.port;
    Object.assign(options, { connectionString: "postgres://postgres@127.0.0.1:1/test" });
    const store = postgresStore(pool, { schema: schema.name });
    await expect(store.open()).rejects.toThrow();
    Object.assign(options, { connectionString: schema.url, port });
    await expect(store.open()).resolves.toBeUndefined();
  });
});

describe("what is no client of Postgres", () => {
  it.each([
    ["a single connection", new pg.Client()],
    ["nothing", undefined],
    ["an object", {}],
    ["a text", "postgres://"],
  ])("is refused: %s", (_, client) => {
    // @ts-expect-error none of these fits
    expect(() => postgresStore(client)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });

  it.each(["statementTimeoutMs", "transactionTimeoutMs", "maxPendingCalls"])("nor is a %s of 0 an option", (name) => {
    const pool = new pg.Pool();
    expect(() => postgresStore(pool, { [name]: 0 })).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });

  it("refuses a `migrate` that is neither true nor false", () => {
    const options = { migrate: "no" };
    // @ts-expect-error not a boolean
    expect(() => postgresStore(new pg.Pool(), options)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});

describe("what a PGlite promises", () => {
  it.each([
    [undefined, "none"],
    ["memory://", "none"],
    ["file:///tmp/popp", "process"],
    ["./popp", "process"],
    ["idb://popp", "process"],
  ])("on %s is %s", (dataDir, durability) => {
    const database: Pick<PGlite, "query" | "transaction"> & { dataDir?: string | undefined } = {
      query: PGlite.prototype.query,
      transaction: PGlite.prototype.transaction,
      dataDir,
    };
    expect(postgresStore(database).durability).toBe(durability);
  });
});
