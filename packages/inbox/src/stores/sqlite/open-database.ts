import { WebhookError } from "@popp-webhooks/core";
import type { SqliteDatabase } from "./database.ts";

/** The drivers in the order they are tried. Their names are in a variable, so that no bundler looks for drivers that are not installed. */
const DRIVERS: readonly { readonly module: string; readonly exported: string }[] = [
  { module: "node:sqlite", exported: "DatabaseSync" },
  { module: "bun:sqlite", exported: "Database" },
  { module: "better-sqlite3", exported: "default" },
];

type DatabaseClass = new (path: string) => SqliteDatabase;

/** Opens a SQLite file with the first driver that is installed. */
export async function openDatabase(path: string): Promise<SqliteDatabase> {
  for (const { module, exported } of DRIVERS) {
    const Database = await load(module, exported);
    if (Database !== undefined) return open(Database, path);
  }
  throw new WebhookError(
    "CONFIG_INVALID",
    "sqliteStore: found neither `node:sqlite` (Node 22.13 and newer) nor better-sqlite3. Install better-sqlite3, or pass an open database.",
  );
}

/** Names the folder in the error: for a missing folder, drivers only say that the file cannot be opened. */
function open(Database: DatabaseClass, path: string): SqliteDatabase {
  try {
    return new Database(path);
  } catch (cause) {
    const folder = /^(.*)[\\/][^\\/]*$/s.exec(path)?.[1] ?? ".";
    throw new WebhookError(
      "STORE_UNAVAILABLE",
      `The SQLite file ${path} cannot be opened: its folder ${folder} must exist, and this process must be able to write in it.`,
      { cause },
    );
  }
}

async function load(module: string, exported: string): Promise<DatabaseClass | undefined> {
  try {
    const loaded: Readonly<Record<string, unknown>> = await import(/* webpackIgnore: true */ /* @vite-ignore */ module);
    const found = loaded[exported];
    return isClass(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** The constructor of a driver can only be found by its name. */
function isClass(value: unknown): value is DatabaseClass {
  return typeof value === "function";
}
