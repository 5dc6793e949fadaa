import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newEvent } from "../../../faults/store-values.ts";
import { firstValue, type SqliteDatabase } from "./database.ts";
import { sqliteStore } from "./index.ts";

/** It brings no types of its own. */
const BetterSqlite3: new (path: string) => SqliteDatabase = createRequire(import.meta.url)("better-sqlite3");

const DRIVERS = [
  ["node:sqlite", (path: string): SqliteDatabase => new DatabaseSync(path)],
  ["better-sqlite3", (path: string): SqliteDatabase => new BetterSqlite3(path)],
] as const;

const ACCEPTED = { outcome: "accepted", state: "received" };

let folder: string;
let path: string;
let databases: SqliteDatabase[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "popp-inbox-"));
  path = join(folder, "inbox.db");
  databases = [];
});
afterEach(() => {
  for (const database of databases) database.close();
  rmSync(folder, { recursive: true });
});

function kept<Database extends SqliteDatabase>(database: Database): Database {
  databases.push(database);
  return database;
}

describe.each(DRIVERS)("opening a store in SQLite through %s", (_, open) => {
  it("sets power-loss durability at each opening", async () => {
    for (const opening of [1, 2, 3]) {
      const database = open(path);
      if (opening > 1) database.exec("PRAGMA synchronous = NORMAL");
      await sqliteStore(database).open();
      expect([firstValue(database, "PRAGMA journal_mode"), firstValue(database, "PRAGMA synchronous")]).toEqual([
        "wal",
        2,
      ]);
      database.close();
    }
  });

  it("does not change tables of a newer version", async () => {
    const database = kept(open(path));
    database.exec("CREATE TABLE popp_inbox_schema (version INTEGER PRIMARY KEY)");
    database.exec("INSERT INTO popp_inbox_schema VALUES (99)");
    const before = readFileSync(path);
    await expect(sqliteStore(database).open()).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("version 99"),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(["inbox.db"]);
  });

  it("uses pages of 8 kB for a new file and keeps the page size of an existing one", async () => {
    const [fresh, used] = [kept(open(path)), kept(open(join(folder, "used.db")))];
    used.exec("CREATE TABLE outcomes (candidate TEXT)");
    for (const database of [fresh, used]) await sqliteStore(database).open();
    expect([fresh, used].map((database) => firstValue(database, "PRAGMA page_size"))).toEqual([8_192, 4_096]);
  });

  it("does not close a database that the user opened", async () => {
    const database = kept(open(path));
    const store = sqliteStore(database);
    await store.open();
    await store.accept(newEvent());
    await store.close();
    expect(firstValue(database, "SELECT COUNT(*) FROM popp_inbox_event")).toBe(1);
  });

  it("creates the tables once when ten stores open the file at once", async () => {
    const stores = Array.from({ length: 10 }, () => sqliteStore(kept(open(path))));
    await Promise.all(stores.map((store) => store.open()));
    expect(await Promise.all(stores.map((store) => store.accept(newEvent())))).toEqual(stores.map(() => ACCEPTED));
  });

  it("waits for another process's transaction without blocking the event loop, until a timeout", async () => {
    const other = kept(open(path));
    const store = sqliteStore(kept(open(path)), { busyTimeoutMs: 300 });
    const patient = sqliteStore(kept(open(path)), { busyTimeoutMs: 60_000 });
    for (const one of [store, patient]) await one.open();
    other.exec("BEGIN IMMEDIATE");
    let turns = 0;
    const counting = setInterval(() => turns++, 5);
    const refused = store.accept(newEvent());
    await expect(refused).rejects.toThrow(/locked/);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(0);

    const waiting = patient.accept(newEvent());
    setTimeout(() => other.exec("COMMIT"), 50);
    expect(await waiting).toEqual(ACCEPTED);
  });
});

describe("a database opened by the user", () => {
  it("keeps its busy timeout", async () => {
    const database = kept(new DatabaseSync(path, { timeout: 5_000 }));
    const store = sqliteStore(database);
    await store.open();
    expect(await store.accept(newEvent())).toEqual(ACCEPTED);
    expect(firstValue(database, "PRAGMA busy_timeout")).toBe(5_000);
  });

  it("may return numbers as BigInts", async () => {
    const store = sqliteStore(kept(new DatabaseSync(path, { readBigInts: true })));
    await store.open();
    const event = newEvent();
    expect(await store.accept(event)).toEqual(ACCEPTED);
    expect(await store.get(event.key)).toMatchObject({ state: "received", attempts: 0, body: event.body });
  });

  it("is refused when it returns rows as arrays", async () => {
    const database = kept(new DatabaseSync(path, { returnArrays: true }));
    await expect(sqliteStore(database).open()).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("returnArrays"),
    });
  });
});

describe("opening a store in SQLite by its path", () => {
  it("happens once, even if it is requested again", async () => {
    const other = kept(new DatabaseSync(path));
    other.exec("PRAGMA journal_mode = WAL");
    other.exec("BEGIN IMMEDIATE");
    const store = sqliteStore(path, { busyTimeoutMs: 200 });
    // By then the caller of the first attempt has stopped waiting, as after a deadline, and the attempt fails late.
    const first = store.open();
    const second = store.open();
    await expect(first).rejects.toThrow(/locked/);
    await expect(second).rejects.toThrow(/locked/);
    const third = store.open();
    other.exec("COMMIT");
    await Promise.all([third, store.open()]);
    await store.open();
    expect(await store.accept(newEvent())).toEqual(ACCEPTED);
    await store.close();
    await expect(store.accept(newEvent())).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("opens the file on first use and closes it", async () => {
    const store = sqliteStore(path);
    expect(readdirSync(folder)).toEqual([]);
    await store.open();
    expect(await store.accept(newEvent())).toEqual(ACCEPTED);
    await store.close();
    // The last connection that closes deletes the log.
    expect(readdirSync(folder)).toEqual(["inbox.db"]);
  });

  it("reports why a file cannot be opened", async () => {
    await expect(sqliteStore(join(folder, "none", "inbox.db")).open()).rejects.toThrow(/open/);
  });

  it("does not report durability for an in-memory database", async () => {
    for (const memory of [":memory:", kept(new DatabaseSync(":memory:"))] as const) {
      const store = typeof memory === "string" ? sqliteStore(memory) : sqliteStore(memory);
      await store.open();
      expect(store.durability).toBe("none");
      expect(await store.accept(newEvent())).toEqual(ACCEPTED);
      await store.close();
    }
    expect(sqliteStore(path).durability).toBe("power-loss");
  });

  it.skipIf(process.platform === "win32")("refuses a file whose commits can be lost in a power cut", async () => {
    // Dot-file locks have no shared memory, as on many network drives.
    const withoutLog = kept(new DatabaseSync(`${pathToFileURL(path).href}?vfs=unix-dotfile`));
    await expect(sqliteStore(withoutLog).open()).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("journal_mode=WAL"),
    });
  });
});

describe("the write-ahead log", () => {
  it("is short again once a long reader is gone", async () => {
    const store = sqliteStore(path);
    await store.open();
    await store.accept(newEvent());
    const reader = kept(new DatabaseSync(path));
    reader.exec("BEGIN");
    reader.prepare("SELECT COUNT(*) FROM popp_inbox_event").all();
    for (let number = 0; number < 40; number++) await store.accept(newEvent({ body: new Uint8Array(1_048_576) }));
    const log = () => statSync(`${path}-wal`).size;
    const limit = 16 * 1_048_576;
    expect(log()).toBeGreaterThan(2 * limit);
    reader.exec("COMMIT");
    // The first commit writes the log back; the next one begins it anew, and cuts it.
    for (let number = 0; number < 3; number++) await store.accept(newEvent());
    expect(log()).toBeLessThanOrEqual(limit);
    await store.close();
  });
});
