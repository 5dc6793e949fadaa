import type { SqliteDatabase } from "./database.ts";

/** What became of the files of an open database. */
export type FileChange = "database-missing" | "database-replaced" | "log-missing" | "log-replaced";

/** Thrown when a database's files are not those at their paths any more: what is written to it is lost with the process. */
export class FilesChangedError extends Error {
  override readonly name = "FilesChangedError";

  constructor(change: FileChange) {
    super(`The files of the database have changed: ${change}.`);
  }
}

/** What identifies a file. */
interface FileId {
  readonly dev: number;
  readonly ino: number;
}

/** The part of Node's file system that is needed. It is not imported: this code is bundled for runtimes that have none. */
interface FileSystem {
  statSync(path: string, options: typeof MAY_BE_MISSING): FileId | undefined;
  renameSync(from: string, to: string): void;
  rmSync(path: string, options: { readonly force: true }): void;
}

const MAY_BE_MISSING = { throwIfNoEntry: false } as const;

/**
 * The files of an open database in WAL mode: the database and its log.
 *
 * SQLite keeps its files open, and writes to them even when they were removed or replaced at their paths. A second SQLite library in the same process does
 * that without being asked: when it closes the file, it believes to be the last that uses it, and removes the log.
 */
export class DatabaseFiles {
  readonly path: string;
  readonly #log: string;
  readonly #files: FileSystem;
  readonly #openedDatabase: FileId;
  readonly #openedLog: FileId;

  private constructor(path: string, files: FileSystem, [database, log]: readonly [FileId, FileId]) {
    [this.path, this.#log, this.#files] = [path, `${path}-wal`, files];
    [this.#openedDatabase, this.#openedLog] = [database, log];
  }

  /** Remembers the files of a database that was just opened. Undefined when it has no file, or the runtime cannot look at it. */
  static of(database: SqliteDatabase): DatabaseFiles | undefined {
    const [path, files] = [pathOf(database), fileSystem()];
    if (path === undefined || files === undefined) return undefined;
    try {
      const file = files.statSync(path, MAY_BE_MISSING);
      const log = files.statSync(`${path}-wal`, MAY_BE_MISSING);
      return file && log && new DatabaseFiles(path, files, [file, log]);
    } catch {
      return undefined;
    }
  }

  /** Returns how the files differ from those that were opened; undefined when they do not. */
  change(): FileChange | undefined {
    const database = this.#files.statSync(this.path, MAY_BE_MISSING);
    if (database === undefined) return "database-missing";
    return isSame(database, this.#openedDatabase) ? this.logChange() : "database-replaced";
  }

  /** The same for the log alone. */
  logChange(): FileChange | undefined {
    const log = this.#files.statSync(this.#log, MAY_BE_MISSING);
    if (log === undefined) return "log-missing";
    return isSame(log, this.#openedLog) ? undefined : "log-replaced";
  }

  /** Removes the log that was left at its path: SQLite leaves it there when the database has moved, and would apply it to whatever database comes to its place. */
  removeLog(): void {
    for (const suffix of ["-wal", "-shm"]) this.#files.rmSync(`${this.path}${suffix}`, { force: true });
  }

  /** Moves a file to the database's path. */
  replaceWith(path: string): void {
    this.#files.renameSync(path, this.path);
  }
}

function isSame(file: FileId, other: FileId): boolean {
  return file.ino === other.ino && file.dev === other.dev;
}

/** The path of the main database; undefined when it is in memory. */
export function pathOf(database: SqliteDatabase): string | undefined {
  const main = database
    .prepare("PRAGMA database_list")
    .all()
    .find((row) => Reflect.get(Object(row), "name") === "main");
  const file: unknown = Reflect.get(Object(main), "file");
  return typeof file === "string" && file !== "" ? file : undefined;
}

interface Host {
  readonly process?: { readonly getBuiltinModule?: (name: string) => FileSystem | undefined };
}

function fileSystem(): FileSystem | undefined {
  try {
    return (globalThis as Host).process?.getBuiltinModule?.("node:fs");
  } catch {
    return undefined;
  }
}
