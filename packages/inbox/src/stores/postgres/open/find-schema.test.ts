import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hasPostgres, type TestDatabase, testDatabase, withSettings } from "../../../../faults/database.ts";
import { claimOf, newEvent } from "../../../../faults/store-values.ts";
import { type PostgresStoreOptions, postgresStore } from "../index.ts";

const VERSION_1 = `CREATE TABLE popp_inbox (seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key TEXT NOT NULL UNIQUE, source TEXT NOT NULL,
    event_id TEXT, name TEXT NOT NULL, hash TEXT NOT NULL, state TEXT NOT NULL, token TEXT, fence BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0, due_at BIGINT, received_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, last_seen_at BIGINT NOT NULL,
    duplicates BIGINT NOT NULL DEFAULT 0, conflicts BIGINT NOT NULL DEFAULT 0, conflict_hash TEXT, order_key TEXT, order_at BIGINT, note TEXT,
    headers TEXT, body BYTEA);
  CREATE TABLE popp_inbox_schema (version INTEGER PRIMARY KEY);
  INSERT INTO popp_inbox_schema (version) VALUES (1)`;

describe.skipIf(!(await hasPostgres()))("the schema of the tables", () => {
  let database: TestDatabase;
  let pools: pg.Pool[];
  let role: string;
  beforeAll(async () => {
    database = await testDatabase();
    role = `${database.name}_app`;
    await database.rows(`CREATE ROLE ${role}`);
  });
  afterAll(async () => {
    await database.rows(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
    await database.drop();
  });
  beforeEach(() => {
    pools = [];
  });
  afterEach(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    const schemas = await database.rows(
      "SELECT quote_ident(nspname) AS name FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)'",
    );
    for (const { name } of schemas) await database.rows(`DROP SCHEMA ${name} CASCADE`);
    await database.rows("CREATE SCHEMA public");
  });

  function storeWith(options: PostgresStoreOptions = {}, settings = "") {
    const pool = new pg.Pool({ connectionString: withSettings(database.url, settings), max: 2 });
    pools.push(pool);
    return postgresStore(pool, options);
  }

  /** The schemas that have tables of an inbox. */
  async function found(): Promise<readonly unknown[]> {
    const rows = await database.rows(
      "SELECT schemaname AS name FROM pg_tables WHERE tablename = 'popp_inbox_event' ORDER BY 1",
    );
    return rows.map(({ name }) => name);
  }

  async function refusal(opening: Promise<void>): Promise<string> {
    const error = await opening.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const { code, message } = Object(error);
    return `${code}: ${message}`;
  }

  it.each(["", "-c search_path=public", "-c search_path=", "-c search_path=popp,public"])(
    "is popp (%s)",
    async (settings) => {
      await storeWith({}, settings).open();
      expect(await found()).toEqual(["popp"]);
    },
  );

  it("is the one of an earlier release, in public", async () => {
    await storeWith({ schema: "public" }).open();
    const [one, other] = [storeWith(), storeWith({}, "-c search_path=popp")];
    for (const store of [one, other]) await store.open();
    const event = newEvent();
    await one.accept(event);
    expect(await other.get(event.key)).toMatchObject({ state: "received" });
    expect(await found()).toEqual(["public"]);
  });

  it("is the one of version 1, which is moved where it is", async () => {
    await database.rows(VERSION_1);
    await storeWith().open();
    expect(await found()).toEqual(["public"]);
  });

  it("must be given when there are two", async () => {
    for (const schema of ["public", "popp"]) await storeWith({ schema }).open();
    const message = await refusal(storeWith().open());
    expect(message).toMatch(/^CONFIG_INVALID: .*"popp" and "public".*Pass the same `schema`/);
    await storeWith({ schema: "public" }).open();
  });

  it("must be given with a search_path of one's own, so that tenants do not share tables", async () => {
    const message = await refusal(storeWith({}, "-c search_path=tenant_a,public").open());
    expect(message).toMatch(/^CONFIG_INVALID: .*search_path.*"tenant_a"/);
    await storeWith({ schema: "tenant_a" }).open();
    expect(await refusal(storeWith({}, "-c search_path=tenant_a").open())).toContain(
      'tables of an inbox in "tenant_a"',
    );
    expect(await found()).toEqual(["tenant_a"]);
  });

  it("must be given when another role has tables where only it would find them", async () => {
    await storeWith({ schema: role }).open();
    expect(await refusal(storeWith().open())).toMatch(/^CONFIG_INVALID: .*_app"/);
    await database.rows(
      `GRANT USAGE ON SCHEMA ${role} TO ${role}; GRANT ALL ON ALL TABLES IN SCHEMA ${role} TO ${role}`,
    );
    await storeWith({}, `-c role=${role}`).open();
    expect(await found()).toEqual([role]);
  });

  it("is unaffected by temporary tables of the same names", async () => {
    const [store, pool] = [storeWith(), pools[0]];
    await pool?.query("CREATE TEMP TABLE popp_inbox_schema (version INTEGER)");
    await store.open();
    expect(await found()).toEqual(["popp"]);
  });

  it.each(['a"b', "Upper", "a-b", "9", "user", "it's", "$1 :key", "é".repeat(31), "a".repeat(63)])(
    "may be %j",
    async (schema) => {
      await database.rows(
        `CREATE SCHEMA "${schema.replaceAll('"', '""')}"; SET search_path = "${schema.replaceAll('"', '""')}"; ${VERSION_1}; RESET search_path`,
      );
      const store = storeWith({ schema });
      await store.open();
      const event = newEvent();
      await store.accept(event);
      expect(await storeWith({ schema }).get(event.key)).toMatchObject({ state: "received" });
      expect(await found()).toEqual([schema]);
    },
  );

  it("is created by who may, and the others get the SQL to run", async () => {
    const app = () => storeWith({}, `-c role=${role}`);
    const message = await refusal(app().open());
    expect(message).toContain(`Run as its owner: CREATE SCHEMA popp AUTHORIZATION ${role};`);
    await database.rows(message.slice(message.indexOf("CREATE SCHEMA")));
    await app().open();
    expect(await found()).toEqual(["popp"]);
  });

  it("that somebody else has made is used once the rights are granted", async () => {
    await database.rows("CREATE SCHEMA popp; CREATE TABLE popp.theirs (id INT)");
    const app = () => storeWith({}, `-c role=${role}`);
    const message = await refusal(app().open());
    expect(message).toContain("GRANT USAGE, CREATE ON SCHEMA popp TO");
    await database.rows(message.slice(message.indexOf("GRANT"), message.indexOf(";")));
    await app().open();
  });

  it("needs no more rights than those of the documentation", async () => {
    const page = readFileSync(new URL("../../../../../../docs/stores/postgres.md", import.meta.url), "utf8");
    const [owner, app] = [`${database.name}_owner`, `${database.name}_user`];
    const sql = /```sql\n([^`]*)```/.exec(page)?.[1] ?? "";
    await database.rows(sql.replaceAll("popp_owner", owner).replaceAll("popp_app", app));
    try {
      expect(await refusal(storeWith({}, `-c role=${app}`).open())).toContain("may not create tables");
      await storeWith({}, `-c role=${owner}`).open();
      const store = storeWith({ migrate: false }, `-c role=${app}`);
      await store.open();
      await store.accept(newEvent());
      expect(await store.claim(claimOf())).toHaveLength(1);
      expect(
        await store.prune({ source: "test", bodiesOlderThanMs: 0, deadOlderThanMs: 0, rowsOlderThanMs: 0, limit: 9 }),
      ).toBeDefined();
    } finally {
      for (const one of [app, owner]) await database.rows(`DROP OWNED BY ${one} CASCADE; DROP ROLE ${one}`);
    }
  });

  it("with somebody else's tables of these names is refused, and left as it is", async () => {
    await database.rows("CREATE SCHEMA popp; CREATE TABLE popp.popp_inbox_event (id INT)");
    expect(await refusal(storeWith().open())).toMatch(
      /^STORE_UNAVAILABLE: .*popp_inbox_event.*belong to something else/,
    );
    expect(await database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'popp'")).toHaveLength(1);
  });

  it("of version 1 is upgraded by its owner, and nobody else", async () => {
    await database.rows(
      `${VERSION_1}; GRANT ALL ON SCHEMA public TO ${role}; GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}`,
    );
    expect(await refusal(storeWith({}, `-c role=${role}`).open())).toMatch(
      /belong to postgres.*Start the app once as postgres/,
    );
  });

  it("is named when no tables may be made", async () => {
    const message = await refusal(storeWith({ migrate: false }).open());
    expect(message).toMatch(/Start the app once.*"popp"/);
  });
});
