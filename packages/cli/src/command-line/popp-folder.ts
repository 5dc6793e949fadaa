import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "./cli-error.ts";

/** The folder of a project where the command line keeps what must not be published: recordings, an inbox and a secret. */
export interface PoppFolder {
  readonly path: string;
  /** The secret that `dev` made. */
  readonly secretFile: string;
  /** The SQLite file of `dev`. */
  readonly inboxFile: string;
  /** A folder for each request that was received. */
  readonly recordings: string;
}

/** Where the folder of a project is. It may not be there yet. */
export function poppFolder(project: string = process.cwd()): PoppFolder {
  const path = join(project, ".popp");
  return {
    path,
    secretFile: join(path, "secret"),
    inboxFile: join(path, "inbox.db"),
    recordings: join(path, "recordings"),
  };
}

/** Creates the folder, readable for its owner alone and ignored by git: recordings hold personal data. */
export function createPoppFolder(project: string = process.cwd()): PoppFolder {
  const folder = poppFolder(project);
  try {
    mkdirSync(folder.recordings, { recursive: true, mode: 0o700 });
    const ignore = join(folder.path, ".gitignore");
    if (!existsSync(ignore)) writeFileSync(ignore, "*\n", { mode: 0o600 });
  } catch (cause) {
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    throw new CliError(
      "usage",
      "FOLDER_UNUSABLE",
      `${folder.path} cannot be created (${why}). Run the command in a folder that you may write to.`,
      { cause },
    );
  }
  return folder;
}
