import { chmodSync, existsSync, lstatSync, mkdirSync, writeFileSync } from "node:fs";
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
  // A repository can bring a link along, to anywhere.
  if (lstatSync(folder.path, { throwIfNoEntry: false })?.isSymbolicLink())
    throw new CliError(
      "usage",
      "FOLDER_UNUSABLE",
      `${folder.path} is a link. Recordings hold personal data and stay in the project: remove the link.`,
    );
  try {
    mkdirSync(folder.recordings, { recursive: true, mode: 0o700 });
    // It may have been created by hand, or come out of an archive.
    if ((lstatSync(folder.path).mode & 0o077) !== 0) chmodSync(folder.path, 0o700);
    const ignore = join(folder.path, ".gitignore");
    if (!existsSync(ignore)) writeFileSync(ignore, "*\n", { mode: 0o600 });
  } catch (cause) {
    throw folderUnusable(folder.path, cause);
  }
  return folder;
}

/** Says why a folder cannot be written to. */
export function folderUnusable(path: string, cause: unknown): CliError {
  const why = String(Object(cause).code ?? "unknown");
  const advice =
    why === "EEXIST" || why === "ENOTDIR"
      ? "A file is in its place: move the file away."
      : why === "EPERM"
        ? "It belongs to another user, and others can read it: remove it, or take it over."
        : "Run the command in a folder that you may write to.";
  return new CliError("usage", "FOLDER_UNUSABLE", `${path} cannot be used as a folder (${why}). ${advice}`, { cause });
}
