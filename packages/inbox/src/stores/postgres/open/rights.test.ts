import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DATABASE_URL, hasPostgres, type TestSchema, testSchema, withSettings } from "../../../../faults/database.ts";
import { claimOf, newEvent } from "../../../../faults/store-values.ts";
import type { InboxStore } from "../../../ports/store.ts";
import { adapterOf } from "../clients/adapter-of.ts";
import { postgresStore } from "../index.ts";
import { storeOn } from "../store.ts";

const ROWS = ["event", "state", "body", "tag", "turn", "tally", "pause"]
  .map((table) => `(SELECT COUNT(*) FROM popp_inbox_${table})`)
  .join(" + ");

/** The SQL after "Run". */
const fixOf = (message: string) => message.slice(message.indexOf("Run")).replace(/^[^:]*: /, "");

describe.skipIf(!(await hasPostgres()))("what an operator does to the tables", () => {
  let [schema, pool]: [TestSchema?, pg.Pool?] = [];
  let [name, role] = ["", ""];
  beforeAll(async () => {
    schema = await testSchema();
    ({ name } = schema);
    role = `${name}_role`;
    await schema.rows(`CREATE ROLE ${role}`);
    pool = new pg.Pool({ connectionString: withSettings(DATABASE_URL, `-c role=${role}`), max: 2 });
  });
  afterAll(async () => {
    await pool?.end();
    await schema?.rows(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    await schema?.drop();
  });
  const admin = async (sql: string) => schema?.rows(sql) ?? [];

  beforeEach(async () => {
    await admin(`DROP SCHEMA ${name} CASCADE; CREATE SCHEMA ${name}`);
    const owner = new pg.Pool({ connectionString: DATABASE_URL, max: 1 });
    await postgresStore(owner, { schema: name }).open();
    await owner.end();
    await admin(
      `GRANT USAGE ON SCHEMA ${name} TO ${role}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${name} TO ${role}`,
    );
  });

  const opened: InboxStore<unknown>[] = [];
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });

  /** Looks at the tables at each call, as the store of the package does every few seconds. */
  function appStore() {
    if (pool === undefined) throw new Error("no pool");
    const limits = { allowUnsafeCommit: false, transactionTimeoutMs: 60_000, maxPendingCalls: 10 };
    const config = { schema: name, migrate: true, lookMs: 0, ...limits };
    const store = storeOn(adapterOf(pool, { prepare: false, statementTimeoutMs: 60_000 }), config);
    opened.push(store);
    return store;
  }

  async function messageOf(opening: Promise<unknown>): Promise<string> {
    const error = await opening.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "STORE_UNAVAILABLE" });
    return String(Object(error).message);
  }

  it("leaves nothing behind when it may use them", async () => {
    const store = appStore();
    await store.open();
    expect(await admin(`SELECT ${ROWS} AS rows`)).toEqual([{ rows: "0" }]);
    expect(await store.accept(newEvent())).toMatchObject({ outcome: "accepted" });
    expect(await store.claim(claimOf())).toHaveLength(1);
  });

  it("does not wait for accepts that are not committed, nor they for its trial", async () => {
    const other = await new pg.Client({ connectionString: schema?.url });
    await other.connect();
    await other.query("BEGIN");
    await other.query(
      "INSERT INTO popp_inbox_event (key, source, name, hash, tags, received_at) VALUES ('k', 'test', '', '', '{}', 0)",
    );
    await appStore().open();
    await other.query("ROLLBACK");
    await other.end();
  });

  const enable = (table: string) => `ALTER TABLE popp_inbox_${table} ENABLE ROW LEVEL SECURITY`;
  const swallow = (
    table: string,
    when: string,
  ) => `CREATE FUNCTION swallow() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER gone BEFORE ${when} ON popp_inbox_${table} FOR EACH ROW EXECUTE FUNCTION swallow()`;

  /** What changes nothing that an open store looks at. */
  const UNNOTICED = new Set(["hidden versions", "a sequence behind its rows"]);

  const CASES: readonly (readonly [what: string, sql: (role: string) => string, fix: string])[] = [
    ["INSERT without UPDATE", (app) => `REVOKE UPDATE ON popp_inbox_state FROM ${app}`, "UPDATE ON"],
    ["no INSERT", (app) => `REVOKE INSERT ON popp_inbox_body FROM ${app}`, "INSERT ON"],
    ["no DELETE", (app) => `REVOKE DELETE ON popp_inbox_tag FROM ${app}`, "DELETE ON"],
    ["no SELECT", (app) => `REVOKE SELECT ON popp_inbox_event FROM ${app}`, "SELECT ON"],
    ["no version", (app) => `REVOKE SELECT ON popp_inbox_schema FROM ${app}`, "popp_inbox_schema"],
    [
      "several rights",
      (app) => `REVOKE UPDATE, DELETE ON popp_inbox_turn, popp_inbox_event FROM ${app}`,
      "UPDATE, DELETE ON",
    ],
    [
      "a schema out of reach",
      (app) => `REVOKE USAGE ON SCHEMA ${app.replace("_role", "")} FROM ${app}`,
      "USAGE ON SCHEMA",
    ],
    ["row-level security", () => enable("state"), "CREATE POLICY"],
    ["row-level security of several tables", () => `${enable("event")}; ${enable("body")}`, "CREATE POLICY"],
    [
      "a policy for INSERT and SELECT only",
      (app) =>
        `${enable("state")}; CREATE POLICY one ON popp_inbox_state FOR SELECT TO ${app} USING (true); CREATE POLICY two ON popp_inbox_state FOR INSERT TO ${app} WITH CHECK (true)`,
      "popp_inbox_state",
    ],
    ["hidden versions", () => enable("schema"), "popp_inbox_schema"],
    ["an unlogged table", () => "ALTER TABLE popp_inbox_body SET UNLOGGED", "UNLOGGED"],
    ["a trigger that swallows inserts", () => swallow("state", "INSERT"), "gone"],
    ["a trigger that swallows updates", () => swallow("turn", "UPDATE"), "gone"],
    ["a trigger that swallows deletes", () => swallow("pause", "DELETE"), "gone"],
    [
      "a sequence behind its rows",
      () =>
        "INSERT INTO popp_inbox_state (seq, source, name, state, updated_at, has_body) SELECT n, 's', '', 'done', 0, FALSE FROM generate_series(1, 50) n; INSERT INTO popp_inbox_event (seq, key, source, name, hash, received_at) SELECT n, 'k' || n, 's', '', '', 0 FROM generate_series(1, 50) n",
      "setval",
    ],
  ];

  it.each(CASES)(
    "is refused by open stores and new ones, until the SQL of the sentence is run: %s",
    async (what, sql, fix) => {
      const store = appStore();
      await store.open();
      await admin(sql(role));
      const message = await messageOf(appStore().open());
      expect(message).toContain(fix);
      if (!UNNOTICED.has(what)) expect(await messageOf(store.accept(newEvent()))).toBe(message);
      await admin(fixOf(message));
      await appStore().open();
      expect(await store.accept(newEvent())).toMatchObject({ outcome: "accepted" });
    },
  );

  it.each([
    ["a dropped table", "DROP TABLE popp_inbox_turn", "popp_inbox_turn"],
    ["a lost key", "ALTER TABLE popp_inbox_event DROP CONSTRAINT popp_inbox_event_key_key", "ON CONFLICT"],
    ["a lost sequence", "ALTER TABLE popp_inbox_event ALTER seq DROP IDENTITY", "null value"],
    ["a rule", "CREATE RULE gone AS ON INSERT TO popp_inbox_state DO INSTEAD NOTHING", "popp_inbox_state"],
    ["a version that is gone", "DELETE FROM popp_inbox_schema", "popp_inbox_event"],
  ])("is refused at open: %s", async (_, sql, expected) => {
    await admin(sql);
    expect(await messageOf(appStore().open())).toContain(expected);
  });

  it("is no reason to refuse: row-level security with a policy for all rows, an owner who is somebody else, a harmless trigger", async () => {
    await admin(
      `${enable("state")}; CREATE POLICY everything ON popp_inbox_state TO ${role} USING (true) WITH CHECK (true)`,
    );
    await admin(`CREATE FUNCTION watch() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER watched BEFORE INSERT ON popp_inbox_event FOR EACH ROW EXECUTE FUNCTION watch()`);
    const store = appStore();
    await store.open();
    await store.accept(newEvent());
    expect(await store.claim(claimOf())).toHaveLength(1);
  });
});
