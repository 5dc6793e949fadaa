import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StoreUnderTest } from "@popp-webhooks/testing/store";
import type { InboxStore } from "../src/ports/store.ts";
import type { SqliteDatabase } from "../src/stores/sqlite/database.ts";
import { sqliteStore } from "../src/stores/sqlite/index.ts";

/** A store on a new file, with a second connection that sees it as another process does. */
export function sqliteUnderTest(openDatabase: (path: string) => SqliteDatabase | Promise<SqliteDatabase>) {
  return async (): Promise<StoreUnderTest<SqliteDatabase>> => {
    const folder = mkdtempSync(join(tmpdir(), "popp-inbox-"));
    const path = join(folder, "inbox.db");
    const opened: (() => Promise<void>)[] = [];
    const connectTo = async (): Promise<InboxStore<SqliteDatabase>> => {
      const database = await openDatabase(path);
      const store = sqliteStore(database);
      opened.push(async () => {
        await store.close();
        database.close();
      });
      return store;
    };
    const own = await openDatabase(path);
    own.exec("CREATE TABLE marks (id INTEGER PRIMARY KEY)");
    return {
      store: await connectTo(),
      connect: async () => {
        const store = await connectTo();
        await store.open();
        return store;
      },
      sideEffects: {
        write: (tx) => void tx.prepare("INSERT INTO marks DEFAULT VALUES").run(),
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
