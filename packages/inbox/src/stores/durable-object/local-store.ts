import type { InboxStore } from "../../ports/store.ts";
import { sqliteDialect } from "../sql/dialect.ts";
import { operationsOf } from "../sql/operations.ts";
import { refusingLargeRows } from "../sql/row-size.ts";
import { sqlStore } from "../sql/sql-store.ts";
import { durableObjectEngine } from "./engine.ts";
import type { DurableStorage } from "./storage.ts";

/** A store in the Durable Object that this code is in. */
export function localStore<Storage extends DurableStorage>(storage: Storage): InboxStore<Storage> {
  const operations = operationsOf(sqliteDialect);
  return refusingLargeRows(sqlStore(durableObjectEngine(storage, operations), operations));
}
