import { WebhookError } from "@popp-webhooks/core";
import { notMigrated, tooNew, VERSION } from "../../versions.ts";
import type { Batch } from "../batch.ts";
import { finishMoving, moveSome } from "./move.ts";
import { createTables, hasTables, readVersion, type TablesVersion } from "./tables.ts";

/** What runs batches, each in one transaction. */
interface Runner {
  readonly read: <T>(batch: Batch<T>) => Promise<T>;
  readonly write: <T>(batch: Batch<T>) => Promise<T>;
}

/** What creates or changes tables. */
export interface TablesOptions {
  /** Whether tables may be created and changed. */
  readonly migrate: boolean;
}

const NO_TABLES: TablesVersion = { version: 0, readableBy: 0, isMoving: false };

/**
 * Returns what must be done, and changes nothing. Tables of a later version are used as they are when that version says that this one can: a release adds
 * first, and removes one release later.
 *
 * @returns what was found, and whether it is up to date
 * @throws WebhookError `STORE_UNAVAILABLE` when the tables are too new, or too old and must not be changed
 */
export async function checkTables(
  { read }: Pick<Runner, "read">,
  { migrate }: TablesOptions,
): Promise<TablesVersion & { readonly isUpToDate: boolean }> {
  const found = await findTables(read);
  const { version, readableBy, isMoving } = found;
  if (readableBy > VERSION) throw new WebhookError("STORE_UNAVAILABLE", tooNew(version));
  const isUpToDate = version >= VERSION && !isMoving;
  if (!isUpToDate && !migrate) throw new WebhookError("STORE_UNAVAILABLE", notMigrated(isMoving ? 1 : version));
  return { ...found, isUpToDate };
}

/**
 * Creates the tables, and moves the events of version 1 to them. Several processes may do so at the same time, and one continues what another began.
 *
 * @returns whether this process has moved the last event
 */
export async function migrateTables(runner: Runner, options: TablesOptions): Promise<boolean> {
  const { read, write } = runner;
  const { version } = await checkTables(runner, options);
  const find = () => findTables(read);
  if (version < VERSION) await unlessDone(write(createTables(version)), async () => (await find()).version >= VERSION);
  if (!(await find()).isMoving) return false;
  return (await unlessDone(moveAll(write), async () => !(await find()).isMoving)) ?? false;
}

async function findTables(read: Runner["read"]): Promise<TablesVersion> {
  try {
    return await read(readVersion());
  } catch (error) {
    if (await read(hasTables())) throw error;
    return NO_TABLES;
  }
}

/** Work that fails when another process has done it. */
async function unlessDone<T>(work: Promise<T>, isDone: () => Promise<boolean>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (await isDone()) return undefined;
    throw error;
  }
}

async function moveAll(write: Runner["write"]): Promise<true> {
  while ((await write(moveSome())) > 0);
  await write(finishMoving());
  return true;
}
