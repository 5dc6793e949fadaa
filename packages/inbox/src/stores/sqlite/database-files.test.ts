import { execFile, execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { eventOf, stage } from "../../../test/stage.ts";
import type { SqliteDatabase } from "./database.ts";
import { sqliteStore } from "./index.ts";

const Better: new (path: string) => SqliteDatabase = createRequire(import.meta.url)("better-sqlite3");

/** An inbox on a SQLite file, with what its operator is told. */
function opened(open: (path: string) => string | DatabaseSync = (path) => path) {
  const folder = mkdtempSync(join(tmpdir(), "popp-files-"));
  const path = join(folder, "inbox.db");
  const told: string[] = [];
  const place = open(path);
  const { inbox, send } = stage(
    { store: typeof place === "string" ? sqliteStore(place) : sqliteStore(place), onError: () => {} },
    (message) => told.push(message),
  );
  onTestFinished(async () => {
    await inbox.close();
    if (typeof place !== "string") place.close();
    rmSync(folder, { recursive: true });
  });
  let sent = 0;
  /** Sends new events, and returns the ids of those that were acknowledged. */
  const sendSome = async (count: number): Promise<readonly string[]> => {
    const ids = Array.from({ length: count }, () => `evt_${sent++}`);
    const statuses = await Promise.all(ids.map((id) => send(eventOf(id))));
    return ids.filter((_, at) => statuses[at] === 200);
  };
  return { folder, path, told, inbox, sendSome };
}

const QUIETLY = { encoding: "utf8", stdio: "pipe" } as const;

function isSound(path: string): boolean {
  const database = new DatabaseSync(path);
  const [result] = Object.values(database.prepare("PRAGMA integrity_check").get() ?? {});
  database.close();
  return result === "ok";
}

/** A refused delivery may be stored all the same: the sender delivers it again, and it is a duplicate. */
const allOf = (...ids: readonly (readonly string[])[]) => expect.arrayContaining(ids.flat());

/** What another process finds, as after this one was killed: it shares no handle and no memory. */
function idsIn(path: string): readonly string[] {
  const script = `const { DatabaseSync } = require("node:sqlite");
    const all = new DatabaseSync(process.argv[1]).prepare("SELECT event_id FROM popp_inbox_event ORDER BY seq").all();
    console.log(JSON.stringify(all.map((row) => row.event_id)))`;
  return JSON.parse(execFileSync(process.execPath, ["--no-warnings", "-e", script, path], QUIETLY));
}

it("a log that a second SQLite library has removed is noticed before the next answer, and begun anew", async () => {
  const { path, told, sendSome } = opened();
  const before = await sendSome(5);
  const app = new Better(path);
  app.prepare("SELECT COUNT(*) FROM popp_inbox_event").all();
  app.close();
  expect(readdirSync(join(path, ".."))).not.toContain("inbox.db-wal");
  expect(await sendSome(5)).toEqual([]);
  expect(told[0]).toContain("second SQLite library");
  const after = await sendSome(5);
  expect(after).toHaveLength(5);
  expect(idsIn(path)).toEqual([...before, ...after]);
});

it("the same in a database of the user's, each time it happens", async () => {
  const { path, told, sendSome } = opened((path) => new DatabaseSync(path));
  const acknowledged = [...(await sendSome(5))];
  for (let time = 1; time <= 2; time++) {
    const app = new Better(path);
    app.prepare("SELECT 1 FROM popp_inbox_event").all();
    app.close();
    expect(await sendSome(5)).toEqual([]);
    expect(told.filter((message) => message.includes("began a new log"))).toHaveLength(5 * time);
    acknowledged.push(...(await sendSome(5)));
  }
  expect(idsIn(path)).toEqual(acknowledged);
});

it("a log that was replaced is refused until the process is restarted, and never removed", async () => {
  const { path, told, sendSome } = opened();
  const before = await sendSome(5);
  const first = new Better(path);
  first.prepare("SELECT 1 FROM popp_inbox_event").all();
  first.close();
  const app = new Better(path);
  onTestFinished(() => void app.close());
  app.exec("CREATE TABLE mine (x)");
  expect([await sendSome(5), await sendSome(1)]).toEqual([[], []]);
  expect(told[0]).toContain("until this process is restarted");
  expect(readdirSync(join(path, ".."))).toContain("inbox.db-wal");
  expect(idsIn(path)).toEqual(before);
});

it.each([
  ["the file", ["inbox.db"]],
  ["the file and its log", ["inbox.db", "inbox.db-wal", "inbox.db-shm"]],
])("%s, removed while open, is written again with all its events", async (_, names) => {
  const { folder, path, told, inbox, sendSome } = opened();
  const before = await sendSome(5);
  for (const name of names) rmSync(join(folder, name));
  expect(await sendSome(5)).toEqual([]);
  expect(told[0]).toContain("was removed while it was open");
  const after = await sendSome(5);
  expect(after).toHaveLength(5);
  expect(idsIn(path)).toEqual(allOf(before, after));
  await inbox.close();
  expect([isSound(path), readdirSync(folder)]).toEqual([true, ["inbox.db"]]);
});

it("a database of the user's that was removed is saved, and refused until the process is restarted", async () => {
  const { folder, path, told, sendSome } = opened((path) => new DatabaseSync(path));
  const before = await sendSome(5);
  rmSync(path);
  expect([await sendSome(5), await sendSome(1)]).toEqual([[], []]);
  const [copy = expect.unreachable(), ...others] = readdirSync(folder).filter((name) => name.includes("recovered"));
  expect(others).toEqual([]);
  expect(told[0]).toContain(copy);
  expect(idsIn(join(folder, copy))).toEqual(allOf(before));
});

it("a file that was replaced is saved beside the new one, which is used from then on", async () => {
  const { folder, path, told, inbox, sendSome } = opened();
  const before = await sendSome(5);
  const backup = join(folder, "backup.db");
  execFileSync(process.execPath, ["--no-warnings", "-e", VACUUM_INTO, path, backup]);
  const between = await sendSome(5);
  renameSync(backup, path);
  expect(await sendSome(5)).toEqual([]);
  const [copy = expect.unreachable()] = readdirSync(folder).filter((name) => name.includes("replaced"));
  expect(told[0]).toContain(copy);
  expect(idsIn(join(folder, copy))).toEqual(allOf(before, between));
  const after = await sendSome(5);
  expect(idsIn(path)).toEqual(allOf(before, after));
  await inbox.close();
  expect([isSound(path), isSound(join(folder, copy))]).toEqual([true, true]);
});

const VACUUM_INTO = `const { DatabaseSync } = require("node:sqlite");
  new DatabaseSync(process.argv[1]).exec("VACUUM INTO '" + process.argv[2] + "'")`;

it("a backup with VACUUM INTO by another process holds all that was acknowledged before; a copy of the file does not", async () => {
  const { folder, path, sendSome } = opened();
  const before = await sendSome(40);
  copyFileSync(path, join(folder, "copy.db"));
  const backup = join(folder, "backup.db");
  const vacuuming = promisify(execFile)(process.execPath, ["--no-warnings", "-e", VACUUM_INTO, path, backup]);
  const [during] = await Promise.all([sendSome(20), vacuuming]);
  const kept = idsIn(backup);
  expect(kept.slice(0, before.length)).toEqual(before);
  expect(isSound(backup)).toBe(true);
  expect(during).toHaveLength(20);
  expect(() => idsIn(join(folder, "copy.db"))).toThrow("no such table");
});

it("raises no alarm when other processes open, change, shrink and close the file", async () => {
  const { path, sendSome, inbox } = opened();
  await sendSome(5);
  for (const sql of ["PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "CREATE TABLE mine (x)", "DROP TABLE mine"]) {
    const script = `new (require("node:sqlite").DatabaseSync)(process.argv[1]).exec(process.argv[2])`;
    execFileSync(process.execPath, ["--no-warnings", "-e", script, path, sql]);
    expect(await sendSome(5)).toHaveLength(5);
  }
  await inbox.sweep();
  expect(await sendSome(5)).toHaveLength(5);
});
