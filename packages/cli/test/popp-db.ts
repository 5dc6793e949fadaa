import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
import { emptyFolder } from "./run-cli.ts";
import { seedInbox } from "./seed-inbox.ts";

/** The file of an app's inbox: one event is done, two are dead. */
export async function poppDb(): Promise<{ readonly cwd: string; readonly file: string }> {
  const cwd = emptyFolder();
  const file = join(cwd, "popp.db");
  const inbox = await seedInbox(sqliteStore(file), [
    ["evt_1", "ok"],
    ["evt_2", "broken"],
    ["evt_3", "broken"],
  ]);
  await inbox.close();
  return { cwd, file };
}

/** Runs SQL on a file. */
export function runSql(file: string, ...statements: readonly string[]): void {
  const database = new DatabaseSync(file);
  for (const statement of statements) database.exec(statement);
  database.close();
}
