import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describeStore } from "@popp-webhooks/testing/store";
import type { SqliteDatabase } from "./sqlite/database.ts";
import { sqliteStore } from "./sqlite.ts";
import type { InboxStore } from "./store.ts";

/** It brings no types of its own. */
const BetterSqlite3: new (path: string) => SqliteDatabase = createRequire(import.meta.url)("better-sqlite3");

/** Every driver on a file of its own, with a second connection for what another process would see. */
function under(openDatabase: (path: string) => SqliteDatabase) {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), "popp-inbox-"));
    const path = join(folder, "inbox.db");
    const opened: (() => Promise<void>)[] = [];
    const connectTo = (): InboxStore<SqliteDatabase> => {
      const database = openDatabase(path);
      const store = sqliteStore(database);
      opened.push(async () => {
        await store.close();
        database.close();
      });
      return store;
    };
    const own = openDatabase(path);
    own.exec("CREATE TABLE marks (id INTEGER PRIMARY KEY)");
    return {
      store: connectTo(),
      connect: async () => {
        const store = connectTo();
        await store.open();
        return store;
      },
      marks: {
        leave: (tx: SqliteDatabase) => void tx.prepare("INSERT INTO marks DEFAULT VALUES").run(),
        count: async () => own.prepare("SELECT id FROM marks").all().length,
      },
      close: async () => {
        for (const close of opened) await close();
        own.close();
        rmSync(folder, { recursive: true });
      },
    };
  };
}

describeStore(
  "node:sqlite",
  under((path) => new DatabaseSync(path)),
);
describeStore(
  "better-sqlite3",
  under((path) => new BetterSqlite3(path)),
);
