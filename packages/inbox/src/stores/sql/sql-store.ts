import type { InboxStore } from "../../ports/store.ts";
import type { Accepted, NewEvent } from "../../ports/stored-event.ts";
import type { Operations } from "./operations.ts";
import type { Operation } from "./statement.ts";

/** What an SQL engine must implement itself, beside the operations in its dialect. */
export interface SqlEngine<Tx> extends Pick<InboxStore<Tx>, "durability" | "open" | "transact" | "close"> {
  /** Runs an operation that changes data. Durable when it resolves. Several operations run in order, and need no transaction. */
  readonly write: <T>(operation: Operation<T>) => Promise<T>;
  /** Accepts an event, when the engine has a faster way than the statement. */
  readonly accept?: (event: NewEvent) => Promise<Accepted>;
  /** Runs a claim, where that must run once although other writes may run again. */
  readonly claim?: <T>(operation: Operation<T>) => Promise<T>;
  /** Runs an operation that only reads, on the primary database. */
  readonly read: <T>(operation: Operation<T>) => Promise<T>;
}

/** Creates a store from an SQL engine. */
export function sqlStore<Tx>(engine: SqlEngine<Tx>, operations: Operations): InboxStore<Tx> {
  const { read, write } = engine;
  return {
    durability: engine.durability,
    open: () => engine.open(),
    close: () => engine.close(),
    transact: (lease, work) => engine.transact(lease, work),
    accept: engine.accept ?? ((event) => write(operations.accept(event))),
    reject: async (event, cap) => {
      await write(operations.reject(event));
      await write(operations.capRejected(event.source, cap));
    },
    claim: (request) => (engine.claim ?? write)(operations.claim(request)),
    renew: (lease, leaseMs) => write(operations.renew(lease, leaseMs)),
    settle: (lease, settlement) => write(operations.settle(lease, settlement)),
    redrive: (key) => write(operations.redrive(key)),
    newestDone: (orderKey) => read(operations.newestDone(orderKey)),
    get: (key) => read(operations.get(key)),
    list: (query) => read(operations.list(query)),
    overdue: (query) => read(operations.overdue(query)),
    dueInMs: (key) => read(operations.dueInMs(key)),
    stats: async (source) => ({
      counts: await read(operations.counts(source)),
      oldestDueMs: await read(operations.oldestDueMs(source)),
    }),
    prune: async (request) => ({
      bodies: await write(operations.pruneBodies(request)),
      rows: await write(operations.pruneRows(request)),
    }),
  };
}
