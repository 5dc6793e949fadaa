import { createRequire } from "node:module";
import { expect, it, onTestFinished } from "vitest";
import { eventOf, stage } from "../../../test/stage.ts";
import type { SqliteDatabase } from "./database.ts";
import { sqliteStore } from "./index.ts";

interface Iterable extends SqliteDatabase {
  prepare(sql: string): ReturnType<SqliteDatabase["prepare"]> & { iterate(): IterableIterator<unknown> };
}

const BetterSqlite3: new (path: string) => Iterable = createRequire(import.meta.url)("better-sqlite3");

const NUMBERS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 3) SELECT x FROM n";

function opened(busyTimeoutMs: number) {
  const database = new BetterSqlite3(":memory:");
  onTestFinished(() => void database.close());
  const told: string[] = [];
  const { inbox, send } = stage(
    { store: sqliteStore(database, { busyTimeoutMs }), storeTimeoutMs: 60_000, onError: () => {} },
    (message) => told.push(message),
  );
  return { database, told, inbox, send };
}

it("waits to write while the user's code iterates over rows of the same database, and reads", async () => {
  const { database, inbox, send } = opened(60_000);
  expect(await send(eventOf("evt_1"))).toBe(200);
  const rows = database.prepare(NUMBERS).iterate();
  rows.next();
  const sending = send(eventOf("evt_2"));
  expect(await inbox.get("evt_1")).toMatchObject({ id: "evt_1" });
  // What the user's code does between two rows.
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  rows.return?.();
  expect(await sending).toBe(200);
});

it("says what is in its way when that does not end", async () => {
  const { database, told, send } = opened(1);
  expect(await send(eventOf("evt_1"))).toBe(200);
  const rows = database.prepare(NUMBERS).iterate();
  rows.next();
  expect(await send(eventOf("evt_2"))).toBe(503);
  expect(told).toEqual([expect.stringContaining("`iterate()` of your own")]);
  rows.return?.();
  expect(await send(eventOf("evt_2"))).toBe(200);
});
