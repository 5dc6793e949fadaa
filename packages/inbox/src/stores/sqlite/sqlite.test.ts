import { createRequire } from "node:module";
import { DatabaseSync } from "node:sqlite";
import { describeStore } from "@popp-webhooks/testing/store";
import { sqliteUnderTest } from "../../../test/sqlite-under-test.ts";
import type { SqliteDatabase } from "./database.ts";

/** It brings no types of its own. */
const BetterSqlite3: new (path: string) => SqliteDatabase = createRequire(import.meta.url)("better-sqlite3");

describeStore(
  "node:sqlite",
  sqliteUnderTest((path) => new DatabaseSync(path)),
);
describeStore(
  "better-sqlite3",
  sqliteUnderTest((path) => new BetterSqlite3(path)),
);
