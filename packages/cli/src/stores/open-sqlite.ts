import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { InboxStore } from "@popp-webhooks/inbox";
import { type SqliteDatabase, sqliteStore } from "@popp-webhooks/inbox/sqlite";
import { hideSqliteWarning } from "../command-line/hide-sqlite-warning.ts";
import { printable } from "../command-line/output.ts";
import { storeError } from "./store-error.ts";
import { loadInstalled } from "./user-module.ts";

/** A store, and what closes that which it does not close itself. */
export interface OpenedStore {
  readonly store: InboxStore;
  readonly close: () => Promise<void>;
}

/** Makes a store of a SQLite file that exists. It is opened later. */
export async function sqliteFile(
  path: string,
  { migrate, from }: { migrate: boolean; from: string },
): Promise<OpenedStore> {
  assertDatabase(path, from);
  hideSqliteWarning();
  const database = await ownDriver(path);
  const store = database === undefined ? sqliteStore(path, { migrate }) : sqliteStore(database, { migrate });
  return { store: store as InboxStore, close: async () => void database?.close() };
}

/** The name of a file in sentences: not the whole path, which names the user. */
const named = (path: string) => printable(path);

/** Says what is wrong with a file before SQLite sees it, which would create it. */
function assertDatabase(path: string, from: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined && from === "dev")
    throw storeError(
      "STORE_MISSING",
      "No store was given, and there is no .popp/inbox.db here. Pass --store or set POPP_STORE: a SQLite file, postgres://…, redis://…, or an inspector's address.",
    );
  if (stats === undefined)
    throw storeError(
      "STORE_MISSING",
      `There is no file ${named(path)}. It is not created: give the path of your app's SQLite file, from this folder on.`,
    );
  if (!stats.isFile())
    throw storeError("STORE_MISSING", `${named(path)} is no file. Give the path of your app's SQLite file.`);
  for (const [place, mode] of [
    [path, constants.R_OK | constants.W_OK],
    [dirname(resolve(path)), constants.W_OK],
  ] as const) {
    if (mayUse(place, mode)) continue;
    throw storeError(
      "STORE_FORBIDDEN",
      `You may not write to ${place === path ? named(path) : `the folder of ${named(path)}`}, and SQLite must. Run the command as the user that your app runs as.`,
    );
  }
  if (stats.size > 0 && beginningOf(path) !== "SQLite format 3\0")
    throw storeError(
      "STORE_NO_DATABASE",
      `${named(path)} is no SQLite database. Give the path of your app's SQLite file.`,
    );
}

/** Whether this user may use a file or a folder. */
export function mayUse(place: string, mode: number): boolean {
  try {
    accessSync(place, mode);
    return true;
  } catch {
    return false;
  }
}

function beginningOf(path: string): string {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(16);
    readSync(file, bytes, 0, 16, 0);
    return bytes.toString("latin1");
  } finally {
    closeSync(file);
  }
}

/** Opens the file with the project's better-sqlite3 where this Node has no SQLite. */
async function ownDriver(path: string): Promise<SqliteDatabase | undefined> {
  if (await import("node:sqlite").catch(() => undefined)) return undefined;
  const driver = await loadInstalled(["better-sqlite3"]);
  const Database = driver?.exports.default as (new (path: string) => SqliteDatabase) | undefined;
  if (Database !== undefined) return new Database(path);
  throw storeError(
    "DRIVER_MISSING",
    `Node ${process.versions.node} has no SQLite. Use Node 22.13 or newer, or install better-sqlite3 in this folder.`,
  );
}
