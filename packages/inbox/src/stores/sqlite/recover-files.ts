import { firstValue, type SqliteDatabase } from "./database.ts";
import type { DatabaseFiles, FileChange } from "./database-files.ts";

/** What to do with the database now, and what to tell the operator. */
export interface Recovered {
  /** `reopen`: close the database and open it again. `keep`: go on with it. `restart`: nothing can be written until the process is restarted. */
  readonly next: "reopen" | "keep" | "restart";
  readonly told: string;
  /** Called between closing and opening. */
  readonly whenClosed?: () => void;
}

/** A database whose files have changed. */
export interface ChangedDatabase {
  readonly database: SqliteDatabase;
  readonly files: DatabaseFiles;
  /** Whether the store may close it and open it again. */
  readonly owned: boolean;
}

const ADVICE = "Give the inbox your own open database, or a file of its own that nothing else touches.";
const RESTART = "Nothing is acknowledged until this process is restarted.";

/**
 * Saves what an open database holds that is not at its paths any more. While it is open, all of it can be read.
 *
 * A database whose log was replaced is left alone: closing it would remove the other log, which may be in use.
 */
export function recoverFiles(change: FileChange, changed: ChangedDatabase): Recovered {
  const { files, owned } = changed;
  const { path } = files;
  switch (change) {
    case "log-missing": {
      const told = `The log of the SQLite file ${path} was removed while it was open, as by a second SQLite library in this process that closed the file.`;
      if (owned) return { next: "reopen", told: `${told} The store opened it again. ${ADVICE}` };
      return writesNewLog(changed.database)
        ? { next: "keep", told: `${told} The store began a new log. ${ADVICE}` }
        : { next: "restart", told: `${told} ${RESTART} ${ADVICE}` };
    }
    case "log-replaced":
      return {
        next: "restart",
        told: `The log of the SQLite file ${path} was replaced while it was open, as by a second SQLite library in this process. ${RESTART} ${ADVICE}`,
      };
    case "database-missing":
      return recoverMissing(changed);
    case "database-replaced":
      return recoverReplaced(changed);
  }
}

function recoverMissing({ database, files, owned }: ChangedDatabase): Recovered {
  const copy = `${files.path}.recovered-${Date.now()}`;
  copyTo(copy, database);
  const told = `The SQLite file ${files.path} was removed while it was open.`;
  if (!owned || files.logChange() === "log-replaced")
    return {
      next: "restart",
      told: `${told} Its events are in ${copy}: stop this process, and move that file to the old path.`,
    };
  return {
    next: "reopen",
    told: `${told} The store wrote it again with all its events.`,
    whenClosed: () => {
      files.removeLog();
      files.replaceWith(copy);
    },
  };
}

function recoverReplaced({ database, files, owned }: ChangedDatabase): Recovered {
  const copy = `${files.path}.replaced-${Date.now()}`;
  copyTo(copy, database);
  const told = `The SQLite file ${files.path} was replaced while it was open. The events of the old one are in ${copy}.`;
  if (!owned || files.logChange() === "log-replaced") return { next: "restart", told: `${told} ${RESTART}` };
  return {
    next: "reopen",
    told: `${told} The store goes on with the new one. Stop the process before you restore a backup.`,
    whenClosed: () => files.removeLog(),
  };
}

function copyTo(path: string, database: SqliteDatabase): void {
  database.exec(`VACUUM INTO '${path.replaceAll("'", "''")}'`);
}

/** Leaves WAL mode, which writes the log back, and enters it again. Fails while another connection has the file open. */
function writesNewLog(database: SqliteDatabase): boolean {
  try {
    firstValue(database, "PRAGMA journal_mode = DELETE");
    const mode = firstValue(database, "PRAGMA journal_mode = WAL");
    // SQLite creates the log with the first read.
    firstValue(database, "SELECT COUNT(*) FROM sqlite_master");
    return mode === "wal";
  } catch {
    return false;
  }
}
