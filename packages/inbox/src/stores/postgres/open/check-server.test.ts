import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hasPostgres, type TestDatabase, testDatabase, withSettings } from "../../../../faults/database.ts";
import { claimOf, listOf, newEvent } from "../../../../faults/store-values.ts";
import { eventOf, stage } from "../../../../test/stage.ts";
import { adapterOf } from "../clients/adapter-of.ts";
import { postgresStore } from "../index.ts";
import { storeOn } from "../store.ts";

const TEXT = "naïve “quotes” € 日本 👋 \u0000 \ud800";

describe.skipIf(!(await hasPostgres())).each([
  ["LATIN1", "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"],
  ["SQL_ASCII", "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"],
  ["UTF8", "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"],
])("a database in %s", (_, options) => {
  let database: TestDatabase;
  let pool: pg.Pool;
  beforeAll(async () => {
    database = await testDatabase(options);
    pool = new pg.Pool({ connectionString: database.url, max: 2 });
    pool.on("error", () => {});
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  it("stores any error's text, and settles the event", async () => {
    const store = postgresStore(pool);
    const { inbox, send } = stage({
      store,
      retryBaseMs: 600_000,
      retryMaxMs: 600_000,
      on: {
        CONVERSATION_STARTED: () => {
          throw new Error(TEXT);
        },
      },
      onError: () => {},
    });
    expect(await send(eventOf("evt_1"))).toBe(200);
    expect(await inbox.sweep()).toMatchObject({ retry: 1 });
    const [stored] = await store.list(listOf());
    expect(stored?.state).toBe("retry");
    expect(JSON.parse(`"${stored?.note}"`)).toContain(TEXT);
    await inbox.close();
  });

  it("stores names, ids, headers and histories, and finds them again", async () => {
    const store = postgresStore(pool);
    await store.open();
    const name = "GESPRÄCH_日本";
    const event = newEvent({
      name,
      eventId: "€",
      recordId: "ł",
      headers: JSON.stringify({ "x-name": "日本" }),
      tags: [1],
    });
    await Promise.all([store.accept(event), store.accept(newEvent({ name: "OTHER" }))]);
    await store.pause("test", name);
    expect((await store.claim(claimOf())).map((claimed) => claimed.name)).not.toContain(event.name);
    await store.resume("test", name);
    const request = claimOf({ onlyNames: [name] });
    const [claimed] = await store.claim(request);
    expect(JSON.parse(String(claimed?.headers))).toEqual({ "x-name": "日本" });
    const lease = { key: event.key, token: request.token };
    const history = JSON.stringify({ message: "“€”" });
    expect(await store.settle(lease, { state: "dead", note: "“€”", delayMs: null, counts: true, history })).toBe(true);
    const listed = await store.get(event.key);
    expect([JSON.parse(`"${listed?.note}"`), JSON.parse(String(listed?.history)).message]).toEqual(["“€”", "“€”"]);
    await store.close();
  });
});

describe.skipIf(!(await hasPostgres()))("a server", () => {
  let database: TestDatabase;
  let role: string;
  const pools: pg.Pool[] = [];
  beforeAll(async () => {
    database = await testDatabase();
    role = `${database.name}_app`;
    await database.rows(`CREATE ROLE ${role} LOGIN SUPERUSER`);
  });
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.end()));
    await database.rows(`ALTER ROLE ${role} RESET ALL`);
    await database.rows(`ALTER DATABASE ${database.name} RESET ALL`);
  });
  afterAll(async () => {
    await database.rows(`DROP OWNED BY ${role} CASCADE`);
    await database.rows(`DROP ROLE ${role}`);
    await database.drop();
  });

  /** A store that logs in as the role and looks at the server at each call. */
  function appStore(settings = "") {
    const url = new URL(withSettings(database.url, settings));
    url.username = role;
    const pool = new pg.Pool({ connectionString: url.href, max: 2 });
    pools.push(pool);
    const config = {
      allowUnsafeCommit: false,
      transactionTimeoutMs: 60_000,
      maxPendingCalls: 10,
      migrate: true,
      lookMs: 0,
    };
    return storeOn(adapterOf(pool, { prepare: false, statementTimeoutMs: 60_000 }), { schema: "popp", ...config });
  }
  const refused = (text: string) =>
    expect.objectContaining({ code: "STORE_UNAVAILABLE", message: expect.stringContaining(text) });

  it("that is told to lose commits is refused by open stores too, although their connections keep the old setting", async () => {
    const [store, safe] = [appStore(), appStore("-c synchronous_commit=on")];
    for (const one of [store, safe]) await one.open();
    for (const what of [`ROLE ${role}`, `DATABASE ${database.name}`, `ROLE ${role} IN DATABASE ${database.name}`]) {
      await database.rows(`ALTER ${what} SET synchronous_commit = false`);
      await expect(store.accept(newEvent())).rejects.toEqual(refused("synchronous_commit=off"));
      await expect(appStore().open()).rejects.toEqual(refused("synchronous_commit=off"));
      // A connection that sets it itself stays safe.
      expect(await safe.accept(newEvent())).toMatchObject({ outcome: "accepted" });
      await database.rows(`ALTER ${what} RESET synchronous_commit`);
      expect(await store.accept(newEvent())).toMatchObject({ outcome: "accepted" });
    }
    // A setting of the role goes before one of the database.
    await database.rows(`ALTER DATABASE ${database.name} SET synchronous_commit = off`);
    await database.rows(`ALTER ROLE ${role} SET synchronous_commit = on`);
    expect(await store.accept(newEvent())).toMatchObject({ outcome: "accepted" });
  });

  it("whose transactions are read-only is refused, until the SQL of the sentence is run", async () => {
    await database.rows(`ALTER ROLE ${role} SET default_transaction_read_only = on`);
    const error: unknown = await appStore()
      .open()
      .catch((thrown: unknown) => thrown);
    expect(error).toEqual(refused("default_transaction_read_only"));
    const { message } = Object(error);
    // The last part is another way out.
    for (const sql of String(message).match(/ALTER [^;]*;/g) ?? []) await database.rows(sql);
    await appStore().open();
  });
});
