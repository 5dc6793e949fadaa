/**
 * Holds the SQLite of the runtime that runs this to the conformance suite: by the driver that is named, or by the one that a path
 * opens. Prints how each case ended, a line of JSON each.
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
