import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newEvent } from "../../../faults/store-values.ts";
import { holdsVersion1 } from "../../../test/holds-version-1.ts";
import { VERSION_1_ACCEPT, VERSION_1_ROWS, VERSION_1_TABLES } from "../../../test/version-1.ts";
import type { SqliteDatabase } from "./database.ts";
import { sqliteStore } from "./index.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "popp-inbox-"));
  path = join(folder, "inbox.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A file of version 1, and the connection of its process. */
function version1(): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL");
  for (const sql of [...VERSION_1_TABLES, ...VERSION_1_ROWS]) database.exec(sql);
  return database;
}

/** Whether the file or its log holds a text. */
function isInFile(text: string): boolean {
  return readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(text));
}

describe("a SQLite file of version 1", () => {
  it("is moved over with all its events when it is opened, by several at once too", async () => {
    version1().close();
    const stores = [sqliteStore(path), sqliteStore(path), sqliteStore(path)];
    await Promise.all(stores.map((store) => store.open()));
    await holdsVersion1(stores[0] ?? expect.unreachable());
    await Promise.all(stores.map((store) => store.close()));
  });

  it("gives errors to a process of version 1 that still runs, and never an empty body", async () => {
    const old = version1();
    const claim = old.prepare("UPDATE popp_inbox SET state = 'processing' WHERE due_at <= 99999 RETURNING body");
    expect(claim.all()).toHaveLength(3);
    const store = sqliteStore(path);
    await store.open();
    expect(() => claim.all()).toThrow(/no such table/);
    expect(() => old.exec(VERSION_1_ACCEPT)).toThrow(/no such table/);
    old.close();
    await store.close();
  });

  it("keeps nothing that version 1 had deleted", async () => {
    const old = version1();
    old.exec(`INSERT INTO popp_inbox (key, source, name, hash, state, received_at, updated_at, last_seen_at, body)
      VALUES ('gone', 'popp', 'X', 'x', 'done', 1, 1, 1, CAST('${"a secret of Jane ".repeat(500)}' AS BLOB))`);
    old.exec("UPDATE popp_inbox SET body = NULL WHERE key = 'gone'");
    old.close();
    expect(isInFile("a secret of Jane")).toBe(true);
    const store = sqliteStore(path);
    await store.open();
    expect(isInFile("a secret of Jane")).toBe(false);
    await store.close();
  });

  it("is moved over in steps, which another process continues where one broke off", async () => {
    const old = version1();
    old.exec(`INSERT INTO popp_inbox (key, source, name, hash, state, received_at, updated_at, last_seen_at, body)
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
      SELECT 'key ' || i, 'popp', 'X', 'x', 'done', 1, 1, 1, zeroblob(CASE WHEN i % 100 = 0 THEN 1000000 ELSE 10 END) FROM n`);
    let commits = 0;
    const breaking: SqliteDatabase = {
      prepare: (sql) => old.prepare(sql),
      exec: (sql) => {
        if (sql === "COMMIT" && ++commits > 3) throw new Error("the process is killed");
        old.exec(sql);
      },
      close: () => old.close(),
    };
    await expect(sqliteStore(breaking).open()).rejects.toThrow("killed");
    const count = (table: string) => Number(old.prepare(`SELECT COUNT(*) AS n FROM ${table}`).get()?.n);
    const moved = count("popp_inbox_event");
    expect([moved > 0, moved + count("popp_inbox_moving")]).toEqual([true, 1_207]);

    await expect(sqliteStore(path, { migrate: false }).open()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(count("popp_inbox_event")).toBe(moved);
    const stores = [sqliteStore(path), sqliteStore(path)];
    await Promise.all(stores.map((store) => store.open()));
    expect([count("popp_inbox_event"), count("popp_inbox_body")]).toEqual([1_207, 1_206]);
    expect((await stores[0]?.stats("popp"))?.counts).toMatchObject({ done: 1_202, received: 1, dead: 1 });
    expect(() => count("popp_inbox_moving")).toThrow(/no such table/);
    await Promise.all(stores.map((store) => store.close()));
    old.close();
  });

  it("is refused, and left as it is, with `migrate: false`", async () => {
    version1().close();
    const before = readFileSync(path);
    const store = sqliteStore(path, { migrate: false });
    await expect(store.open()).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringMatching(/version 1.*migrate: false.*Start the app/),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

describe("the version of a SQLite file", () => {
  it("is refused when there are no tables and `migrate` is false", async () => {
    await expect(sqliteStore(path, { migrate: false }).open()).rejects.toMatchObject({
      message: expect.stringContaining("no schema yet"),
    });
  });

  it("may be one step ahead, when that version says that this one can read and write it", async () => {
    const first = sqliteStore(path);
    await first.open();
    const database = new DatabaseSync(path);
    // What a later release does: it adds a column and a table, and says who can go on.
    database.exec("ALTER TABLE popp_inbox_event ADD COLUMN later TEXT");
    database.exec("INSERT INTO popp_inbox_schema (version, readable_by) VALUES (3, 2)");
    const store = sqliteStore(path, { migrate: false });
    await store.open();
    const event = newEvent();
    expect((await store.accept(event)).outcome).toBe("accepted");
    expect((await store.get(event.key))?.state).toBe("received");
    database.exec("INSERT INTO popp_inbox_schema (version, readable_by) VALUES (4, 3)");
    await expect(sqliteStore(path).open()).rejects.toMatchObject({ message: expect.stringContaining("version 4") });
    database.close();
    await Promise.all([first.close(), store.close()]);
  });
});

describe("erasing in a SQLite file", () => {
  it("leaves no byte of the event in the file or its log", async () => {
    const store = sqliteStore(path);
    await store.open();
    const body = new TextEncoder().encode("Jane Doe was here ".repeat(1_000));
    const [erased, kept] = [
      newEvent({ body, eventId: "id of Jane" }),
      newEvent({ body: new TextEncoder().encode("somebody else") }),
    ];
    for (const event of [erased, kept]) await store.accept(event);
    expect([isInFile("Jane Doe was here"), isInFile("id of Jane")]).toEqual([true, true]);
    await store.erase([erased.key]);
    expect([isInFile("Jane Doe was here"), isInFile("id of Jane"), isInFile("somebody else")]).toEqual([
      false,
      false,
      true,
    ]);
    await store.close();
  });

  it("leaves no byte of a pruned body in the file once the log is written back", async () => {
    const store = sqliteStore(path);
    await store.open();
    const event = newEvent({ body: new TextEncoder().encode("Jane Doe was here ".repeat(1_000)), deadReason: "dead" });
    await store.accept(event);
    await store.prune({ source: "test", bodiesOlderThanMs: 0, deadOlderThanMs: 0, rowsOlderThanMs: 1e9, limit: 10 });
    await store.close();
    expect(isInFile("Jane Doe was here")).toBe(false);
  });
});
