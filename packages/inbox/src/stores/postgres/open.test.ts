import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DATABASE_URL, hasPostgres, type TestSchema, testSchema, withSettings } from "../../../faults/database.ts";
import { newEvent } from "../../../faults/store-values.ts";
import { postgresStore } from "./index.ts";

const TABLES = `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1 ORDER BY 1`;
const BOTH = [{ name: "popp_inbox" }, { name: "popp_inbox_schema" }];

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

  it("creates the tables once when ten processes start at once", async () => {
    const stores = Array.from({ length: 10 }, () => postgresStore(poolWith({ max: 1 })));
    await Promise.all(stores.map((store) => store.open()));
    await Promise.all(stores.map((store) => store.accept(newEvent())));
    expect(await schema.rows(TABLES, [schema.name])).toEqual(BOTH);
    expect(await schema.rows("SELECT version FROM popp_inbox_schema")).toEqual([{ version: 1 }]);
  });

  it.each(["repeatable read", "serializable"])(
    "creates the tables once when the default isolation is %s",
    async (level) => {
      const settings = `-c default_transaction_isolation=${level.replace(" ", "\\ ")}`;
      const stores = Array.from({ length: 10 }, () => postgresStore(poolWith({ max: 1 }, settings)));
      await Promise.all(stores.map((store) => store.open()));
      expect(await schema.rows(TABLES, [schema.name])).toEqual(BOTH);
    },
  );

  it("does not change tables of a newer version", async () => {
    await schema.rows("CREATE TABLE popp_inbox_schema (version INTEGER PRIMARY KEY)");
    await schema.rows("INSERT INTO popp_inbox_schema VALUES (99)");
    await expect(postgresStore(poolWith()).open()).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("version 99"),
    });
    expect(await schema.rows(TABLES, [schema.name])).toEqual([{ name: "popp_inbox_schema" }]);
  });

  it("needs no right to create anything when the tables exist", async () => {
    await postgresStore(poolWith()).open();
    const role = `${schema.name}_role`;
    await schema.rows(`CREATE ROLE ${role}`);
    await schema.rows(`GRANT USAGE ON SCHEMA ${schema.name} TO ${role}`);
    await schema.rows(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema.name} TO ${role}`);
    const store = postgresStore(poolWith({}, `-c role=${role}`));
    await store.open();
    const outcome = await store.accept(newEvent());
    await schema.rows(`DROP OWNED BY ${role}`);
    await schema.rows(`DROP ROLE ${role}`);
    expect(outcome).toEqual({ outcome: "accepted", state: "received" });
  });

  it("refuses a server with unsafe commits unless allowUnsafeCommit is set", async () => {
    const unsafe = poolWith({}, "-c synchronous_commit=off");
    await expect(postgresStore(unsafe).open()).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("synchronous_commit=off"),
    });
    expect(await schema.rows(TABLES, [schema.name])).toEqual([]);
    const store = postgresStore(unsafe, { allowUnsafeCommit: true });
    await store.open();
    expect([store.durability, postgresStore(unsafe).durability]).toEqual(["process", "power-loss"]);
  });

  it.each(["local", "remote_write", "on"])("accepts synchronous_commit=%s, which writes to disk", async (setting) => {
    await expect(postgresStore(poolWith({}, `-c synchronous_commit=${setting}`)).open()).resolves.toBeUndefined();
  });

  it("creates the requested schema and keeps its tables there", async () => {
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
    expect(tables).toEqual([BOTH, []]);
  });

  it.each(['a"b', "Upper", "a-b", "", "9", "a".repeat(64)])("refuses %j as a schema name", (name) => {
    expect(() => postgresStore(poolWith(), { schema: name })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });

  it("reports that postgres.js renames columns", async () => {
    const sql = postgres(schema.url, { transform: postgres.camel });
    const failed = await postgresStore(sql)
      .open()
      .catch((error: unknown) => error);
    await sql.end();
    expect(failed).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining("transform") });
  });

  it("reports a bytea_output that postgres.js cannot read", async () => {
    const sql = postgres(withSettings(schema.url, "-c bytea_output=escape"));
    const failed = await postgresStore(sql)
      .open()
      .catch((error: unknown) => error);
    await sql.end();
    expect(failed).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining("bytea_output") });
  });

  it("fails while the server is unreachable and works afterwards", async () => {
    const pool = poolWith();
    const options = pool.options;
    const port = options.port;
    Object.assign(options, { connectionString: "postgres://postgres@127.0.0.1:1/test" });
    const store = postgresStore(pool);
    await expect(store.open()).rejects.toThrow();
    Object.assign(options, { connectionString: schema.url, port });
    await expect(store.open()).resolves.toBeUndefined();
  });
});

describe("a value that is not a Postgres client", () => {
  it.each([
    ["a single connection", new pg.Client()],
    ["nothing", undefined],
    ["an object", {}],
    ["a text", "postgres://"],
  ])("is refused: %s", (_, client) => {
    // @ts-expect-error none of these fits
    expect(() => postgresStore(client)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });

  it.each(["statementTimeoutMs", "transactionTimeoutMs", "maxPendingCalls"])("refuses %s of 0", (name) => {
    const pool = new pg.Pool();
    expect(() => postgresStore(pool, { [name]: 0 })).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});

describe("the durability of PGlite", () => {
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
