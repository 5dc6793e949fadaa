import { WebhookError } from "@popp-webhooks/core";
import { isPromiseLike } from "@popp-webhooks/core/internal";
import type { Accepted, NewEvent } from "../../ports/stored-event.ts";
import { accept, add, knows } from "../sql/accept.ts";
import type { Batch } from "../sql/batch.ts";
import { complete } from "../sql/claim.ts";
import { checkTables, migrateTables, type TablesOptions } from "../sql/schema/migrate.ts";
import type { SqlEngine } from "../sql/sql-store.ts";
import type { Operation, SqlRow } from "../sql/statement.ts";
import { PART_EVENTS, seal } from "../sql/tags.ts";
import { BRIEF_BUSY_TIMEOUT_MS, withBriefBusyTimeout } from "./busy-timeout.ts";
import type { SqliteDatabase, SqliteStatement } from "./database.ts";
import { DatabaseFiles, type FileChange, FilesChangedError, pathOf } from "./database-files.ts";
import { enableDurability } from "./durability.ts";
import { groupCommit, turn } from "./group-commit.ts";
import { NewEventCounts } from "./new-event-counts.ts";
import { recoverFiles } from "./recover-files.ts";
import { sizePages } from "./size-pages.ts";
import { runTransaction } from "./transaction.ts";
import { overwriteDeleted, truncateLog, vacuum } from "./wipe.ts";

/** The database, and who owns it. */
export interface SqlitePlace {
  readonly open: () => Promise<SqliteDatabase>;
  /** Whether the store opens and closes the database. */
  readonly owned: boolean;
  readonly isMemory: boolean;
}

/** The limits of an engine. */
export interface SqliteLimits extends TablesOptions {
  readonly busyTimeoutMs: number;
  readonly maxPendingWrites: number;
}

/** After how many new events of this process the engine looks whether a part of the tag index can be sealed. */
const LOOK_AFTER = PART_EVENTS / 8;

/** How many events are redriven or erased while the event loop waits: each changes pages all over a large file. */
const EVENTS_AT_ONCE = 50;

const RETURNS_ROWS = /^SELECT|\bRETURNING\b/;

/** Runs batches on one SQLite connection. */
export function sqliteEngine(
  { open, owned, isMemory }: SqlitePlace,
  { busyTimeoutMs, maxPendingWrites, ...options }: SqliteLimits,
): SqlEngine<SqliteDatabase> {
  let database: SqliteDatabase | undefined;
  let opening: Promise<void> | undefined;
  let files: DatabaseFiles | undefined;
  /** Why nothing can be written until the process is restarted. */
  let stuck: string | undefined;
  let added = 0;
  const counts = new NewEventCounts();
  const statements = new Map<string, SqliteStatement>();

  function opened(): SqliteDatabase {
    if (database === undefined) throw unavailable("The SQLite store is not open.");
    return database;
  }

  function prepared({ text }: Operation<unknown>): SqliteStatement {
    const statement = statements.get(text) ?? opened().prepare(text);
    statements.set(text, statement);
    return statement;
  }

  function run<T>({ operations, read }: Batch<T>): T {
    return read(
      operations.map((operation) => {
        // better-sqlite3 refuses `all` of a statement without rows.
        if (RETURNS_ROWS.test(operation.text)) return prepared(operation).all(...operation.values) as readonly SqlRow[];
        prepared(operation).run(...operation.values);
        return [];
      }),
    );
  }

  /** Looks first and inserts without RETURNING, which takes as long as the rest of an INSERT. Safe inside a transaction. */
  function insertOrCount(event: NewEvent): Accepted {
    if (run(knows(event.key))) return run(accept(event));
    const { statements: inserts, accepted } = add(event);
    for (const insert of inserts) prepared(insert).run(...insert.values);
    counts.add(event, accepted);
    if (++added % LOOK_AFTER === 0) run(seal());
    return accepted;
  }

  async function transaction<T>(work: () => T): Promise<T> {
    if (stuck !== undefined) throw unavailable(stuck);
    const database = opened();
    const begin = () => void database.exec("BEGIN IMMEDIATE");
    try {
      const result = await runTransaction(
        // The busy timeout of the user's own database must stay as it is.
        { database, begin: owned ? begin : () => withBriefBusyTimeout(database, begin) },
        busyTimeoutMs,
        () => {
          const value = work();
          // What is written to a log that is gone would come back when it is closed.
          assertSame(files?.logChange());
          return value;
        },
      );
      assertSame(files?.change());
      return result;
    } catch (error) {
      throw error instanceof FilesChangedError ? await recover() : error;
    }
  }

  /** Saves what can be saved, and returns what to tell. */
  async function recover(): Promise<unknown> {
    // The database too, where only the log was looked at. Another call may have recovered it meanwhile.
    const change = files?.change();
    if (files === undefined || database === undefined || change === undefined)
      return unavailable("The SQLite file was opened again.");
    const { next, told, whenClosed } = recoverFiles(change, { database, files, owned });
    if (next === "restart") stuck = told;
    if (next === "keep") files = DatabaseFiles.of(database);
    if (next === "reopen") {
      release();
      whenClosed?.();
      await reopen();
    }
    return unavailable(told);
  }

  /** Forgets the database, and closes it when it is the store's own. */
  function release(): void {
    const closing = database;
    statements.clear();
    [database, files, opening] = [undefined, undefined, undefined];
    if (owned) closing?.close();
  }

  /** Shared: a caller whose wait timed out asks again while the database is still opening. */
  function reopen(): Promise<void> {
    opening ??= attemptToOpen().catch((error) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  const write = groupCommit(
    (work) =>
      transaction(() => {
        counts.clear();
        work();
        counts.write(run);
      }),
    maxPendingWrites,
  );

  const runner: Pick<SqlEngine<SqliteDatabase>, "read" | "write"> = {
    read: async (batch) => run(batch),
    write: (batch) => write(() => run(batch)),
  };

  async function attemptToOpen(): Promise<void> {
    const attempted = await open();
    database = attempted;
    try {
      if (owned) attempted.exec(`PRAGMA busy_timeout = ${BRIEF_BUSY_TIMEOUT_MS}`);
      assertNamedColumns(attempted);
      sizePages(attempted);
      overwriteDeleted(attempted);
      // Checked before anything is written: tables that are too new, or must not be changed, stay untouched.
      await checkTables(runner, options);
      if (!isMemory) await enableDurability(attempted, busyTimeoutMs);
      // What an earlier version deleted may still be readable in the file.
      if ((await migrateTables(runner, options)) && owned) vacuum(attempted);
      if (!isMemory) files = DatabaseFiles.of(attempted);
    } catch (error) {
      statements.clear();
      database = undefined;
      if (owned) attempted.close();
      throw error;
    }
  }

  return {
    ...runner,
    durability: isMemory ? "none" : "power-loss",
    get place() {
      return database && pathOf(database);
    },
    open: reopen,
    turn,
    accept: (event) => write(() => insertOrCount(event)),
    eventsAtOnce: EVENTS_AT_ONCE,
    afterErase: async () => {
      if (!isMemory) truncateLog(opened());
    },
    transact: (lease, work) =>
      transaction(() => {
        if (!run(complete(lease))) return undefined;
        const value = work(opened());
        if (isPromiseLike(value)) throw new WebhookError("CONFIG_INVALID", ASYNC_WORK);
        return { value };
      }),
    close: async () => release(),
  };
}

/** All rows are read by column name. */
function assertNamedColumns(database: SqliteDatabase): void {
  const [row] = database.prepare("SELECT 1 AS found").all();
  if (typeof row !== "object" || row === null || !("found" in row))
    throw new WebhookError(
      "CONFIG_INVALID",
      "sqliteStore: this database returns rows as arrays (`returnArrays`). Pass a database that returns objects.",
    );
}

const ASYNC_WORK =
  "The work in `tx` must be synchronous with SQLite, because the whole database waits for it. Do asynchronous work before `tx`.";

function unavailable(message: string): WebhookError {
  return new WebhookError("STORE_UNAVAILABLE", message);
}

function assertSame(change: FileChange | undefined): void {
  if (change !== undefined) throw new FilesChangedError(change);
}
