import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { VERSION_1_ROWS, VERSION_1_TABLES } from "../../../inbox/test/version-1.ts";
import { OTHER_USER } from "../../test/as-user.ts";
import { linkDriver } from "../../test/link-driver.ts";
import { poppDb, runSql } from "../../test/popp-db.ts";
import { emptyFolder, jsonLines, runCli } from "../../test/run-cli.ts";

const stats = (store: string, cwd: string, ...args: string[]) =>
  runCli(["inbox", "stats", "--json", "--store", store, ...args], { cwd });

function expectRefused(result: Awaited<ReturnType<typeof stats>>, code: string, sentence: RegExp): void {
  expect(result).toMatchObject({ code: 4, stderr: "" });
  expect(jsonLines(result.stdout)).toEqual([{ error: { code, message: expect.stringMatching(sentence) } }]);
}

it("never creates a file that is missing", async () => {
  const cwd = emptyFolder();
  for (const args of [[], ["--migrate"]])
    expectRefused(
      await stats("popp.db", cwd, ...args),
      "STORE_MISSING",
      /There is no file popp\.db\. It is not created/,
    );
  expect(existsSync(join(cwd, "popp.db"))).toBe(false);
  expectRefused(await stats(".", cwd), "STORE_MISSING", /is no file/);
});

it("uses the file of dev where no store is given, and says how to give one", async () => {
  const cwd = emptyFolder();
  const { code, stderr } = await runCli(["inbox", "stats"], { cwd });
  expect({ code, stderr }).toEqual({
    code: 4,
    stderr: expect.stringMatching(/no \.popp\/inbox\.db here\. Pass --store/),
  });
  const { file } = await poppDb();
  mkdirSync(join(cwd, ".popp"));
  runSql(file, `VACUUM INTO '${join(cwd, ".popp/inbox.db")}'`);
  expect((await runCli(["inbox", "stats"], { cwd })).code).toBe(0);
});

it("refuses a file that is no database, and one of another program, and leaves them as they are", async () => {
  const cwd = emptyFolder();
  writeFileSync(join(cwd, "notes.txt"), "These are notes, and no database.");
  expectRefused(await stats("notes.txt", cwd), "STORE_NO_DATABASE", /notes\.txt is no SQLite database/);
  runSql(join(cwd, "other.db"), "CREATE TABLE tunes (name TEXT)");
  for (const args of [[], ["--migrate"]])
    expectRefused(
      await stats("other.db", cwd, ...args),
      "STORE_FOREIGN",
      /no inbox: it is empty, or belongs to another/,
    );
  const database = new DatabaseSync(join(cwd, "other.db"));
  expect(database.prepare("SELECT name FROM sqlite_master").all()).toEqual([{ name: "tunes" }]);
  database.close();
});

it("refuses a newer inbox", async () => {
  const { cwd, file } = await poppDb();
  runSql(file, "INSERT INTO popp_inbox_schema (version, readable_by) VALUES (9, 9)");
  expectRefused(await stats(file, cwd), "STORE_NEWER", /version 9, which is newer than this command/);
});

it("brings an older inbox up to date only when told", async () => {
  const cwd = emptyFolder();
  const file = join(cwd, "old.db");
  runSql(file, ...VERSION_1_TABLES, ...VERSION_1_ROWS);
  expectRefused(await stats(file, cwd), "STORE_OLDER", /older version 1.*--migrate/);
  const { code, stdout } = await stats(file, cwd, "--migrate");
  expect(code).toBe(0);
  expect(jsonLines(stdout)).toEqual([
    expect.objectContaining({ counts: expect.objectContaining({ dead: 1, done: 2 }) }),
  ]);
  expect((await stats(file, cwd)).code).toBe(0);
});

it("says that a file is locked", async () => {
  const { cwd, file } = await poppDb();
  const database = new DatabaseSync(file);
  database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT");
  database.exec("BEGIN EXCLUSIVE");
  expectRefused(await stats(file, cwd), "STORE_LOCKED", /is locked: another process/);
  database.close();
  expect((await stats(file, cwd)).code).toBe(0);
});

it("says that a file may not be written", async () => {
  const { cwd, file } = await poppDb();
  chmodSync(cwd, 0o755);
  chmodSync(file, 0o444);
  const { code, stderr } = await runCli(["inbox", "stats", "--store", file], { cwd: "/", uid: OTHER_USER });
  expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining("You may not write to") });
});

it("uses the better-sqlite3 of the project where Node has no SQLite", async () => {
  const { cwd, file } = await poppDb();
  const env = { NODE_OPTIONS: "--no-experimental-sqlite" };
  const run = () => runCli(["inbox", "stats", "--json", "--store", file], { cwd, env });
  expectRefused(await run(), "DRIVER_MISSING", /has no SQLite\. Use Node 22\.13 or newer, or install better-sqlite3/);
  linkDriver(cwd, "better-sqlite3");
  expect(await run()).toMatchObject({ code: 0, stderr: "" });
});

it("prints no warning of Node, and lets other warnings through", async () => {
  const { cwd, file } = await poppDb();
  expect((await runCli(["inbox", "stats", "--store", file], { cwd })).stderr).toBe("");
  const noisy = { NODE_OPTIONS: `--import=data:text/javascript,setTimeout(()=>process.emitWarning("heard"))` };
  expect((await runCli(["inbox", "stats", "--store", file], { cwd, env: noisy })).stderr).toContain("heard");
});

it("names the kinds of stores for an address that is none, without a password", async () => {
  const result = await stats("mysql://jane:pass-word@db.example/x", emptyFolder());
  expectRefused(result, "STORE_UNKNOWN", /mysql:\/\/, which is no kind of store/);
  expect(result.stdout).not.toMatch(/pass-word|db\.example/);
  expectRefused(await stats("", emptyFolder()), "STORE_UNKNOWN", /--store is empty/);
});
