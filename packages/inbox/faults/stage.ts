import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SECRET } from "./delivery.ts";
import { startProcess, type TestProcess } from "./process.ts";
import type { WorkerOptions } from "./worker.ts";

const WORKER = new URL("./worker.ts", import.meta.url);

/** A line of a process under test. */
interface Line {
  readonly port?: number;
  readonly state?: string;
  readonly eventId?: string;
  readonly attempt?: number;
  readonly aborted?: string;
  readonly reason?: string;
  readonly closed?: boolean;
}

/** A process under test on a SQLite file. */
export type Worker = TestProcess<Line>;

/** A SQLite file, its processes, and queries on it. */
export interface Stage {
  start(options: Omit<WorkerOptions, "path" | "secret">): Promise<Worker>;
  /** Returns the rows of a query. */
  rows(sql: string): readonly Record<string, unknown>[];
  /** Returns the number that a query selects. */
  number(sql: string): number;
  /** Ends all leases, as time would. For the store, a lease that ends an hour earlier and an hour that passes are the same. */
  endLeases(): void;
  /** Whether a process is writing right now. */
  isLocked(): boolean;
  end(): Promise<void>;
}

/** Creates a stage in a new folder, or on a given disk. */
export function stageOf(disk?: string): Stage {
  const folder = disk ?? mkdtempSync(join(tmpdir(), "popp-faults-"));
  const path = join(folder, "inbox.db");
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000");
  database.exec("CREATE TABLE effects (id TEXT, attempt INTEGER)");
  const workers: Worker[] = [];
  const rows = (sql: string) => database.prepare(sql).all();
  const isLocked = () => {
    try {
      database.exec("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE; ROLLBACK");
      return false;
    } catch {
      return true;
    } finally {
      database.exec("PRAGMA busy_timeout = 5000");
    }
  };
  return {
    rows,
    endLeases: () => database.exec("UPDATE popp_inbox_event SET due_at = due_at - 3600000 WHERE state = 'processing'"),
    isLocked,
    number: (sql) => Number(Object.values(rows(sql)[0] ?? {})[0]),
    start: async (options) => {
      const worker = await startProcess<Line>(WORKER, { ...options, path, secret: SECRET });
      workers.push(worker);
      return worker;
    },
    end: async () => {
      for (const worker of workers) worker.kill("SIGKILL");
      await Promise.all(workers.map(({ exited }) => exited));
      database.close();
      if (disk === undefined) rmSync(folder, { recursive: true });
    },
  };
}
