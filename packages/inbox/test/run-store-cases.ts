/**
 * Runs the conformance suite with the SQLite of the current runtime: with the named driver, or with the one that a path opens. Prints the result
 * of each case as a line of JSON.
 */
import { storeCases } from "../../testing/src/conformance/store/cases/index.ts";
import type { SqliteDatabase } from "../src/stores/sqlite/database.ts";
import { openDatabase } from "../src/stores/sqlite/open-database.ts";
import { sqliteUnderTest } from "./sqlite-under-test.ts";

const [module, exported = ""] = process.argv.slice(2);

async function open(path: string): Promise<SqliteDatabase> {
  if (module === undefined) return openDatabase(path);
  const { [exported]: Database } = await import(module);
  return new Database(path);
}

const create = sqliteUnderTest(open);
for (const one of storeCases) {
  const under = await create();
  let failure: string | null = null;
  try {
    await under.store.open();
    await one.run(under);
  } catch (error) {
    failure = String(error);
  }
  await under.close();
  console.log(JSON.stringify({ name: one.name, failure }));
}
