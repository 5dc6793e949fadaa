import type { ListQuery } from "../../ports/queries.ts";
import type { StoredEvent } from "../../ports/stored-event.ts";
import type { Operation } from "../sql/statement.ts";
import { listOperation, rarestOperation } from "./sql/list.ts";
import { timeLimit } from "./time-limit.ts";
import type { TransactionConfig } from "./transact.ts";

/**
 * Lists events without compiling the statements: the planner expects a page of a large store to read a tenth of it, so that Postgres would compile them
 * first, which takes longer than to run them. The setting ends with the transaction.
 */
export async function listEvents<Tx>(
  { adapter, qualified, transactionTimeoutMs }: TransactionConfig<Tx>,
  query: ListQuery,
): Promise<readonly StoredEvent[]> {
  const limit = timeLimit(transactionTimeoutMs, "Postgres took too long to list events.");
  try {
    const listing = adapter.transaction(async (_, send) => {
      const run = async <T>({ text, values, read }: Operation<T>) => read(await send(qualified(text), values));
      await send("SET LOCAL jit = off", []);
      const choice = rarestOperation(query);
      return run(listOperation(query, choice && (await run(choice))));
    }, limit.expired);
    return await Promise.race([listing, limit.expired]);
  } finally {
    limit.lift();
  }
}
