import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CliError } from "../command-line/cli-error.ts";
import { isChange, type PlannedFile } from "./plan/plan.ts";

/** Writes the files that are new or added to. One that has come to be there since is not overwritten. */
export function writeFiles(folder: string, files: readonly PlannedFile[]): void {
  for (const { path, action, after, hidden } of files.filter(isChange)) {
    const target = join(folder, path);
    try {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, after, {
        flag: action === "create" ? "wx" : "w",
        ...(hidden === undefined ? {} : { mode: 0o600 }),
      });
    } catch (cause) {
      const why = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
      throw new CliError(
        "usage",
        "FILE_UNWRITABLE",
        `${path} cannot be written (${why}). Run the command again when it can: what was written is kept.`,
        { cause },
      );
    }
  }
}
