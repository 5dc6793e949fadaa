import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Project } from "./read-project.ts";

type Name = "npm" | "pnpm" | "yarn" | "bun";

const LOCK_FILES: readonly (readonly [file: string, name: Name])[] = [
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
  ["package-lock.json", "npm"],
  ["npm-shrinkwrap.json", "npm"],
];

/** The command lines of a project's package manager. */
export interface PackageManager {
  readonly install: string;
  /** Runs a script of package.json. */
  run(script: string): string;
}

/**
 * Finds the package manager of a project: by its lock file, or that of the workspace around it, or by package.json.
 * A new project gets the one that runs this command.
 */
export function packageManagerOf({ folder, manifest }: Project): PackageManager {
  const name =
    byLockFile(folder) ??
    nameIn(manifest.packageManager, "@") ??
    nameIn(process.env.npm_config_user_agent, "/") ??
    "npm";
  return {
    install: `${name} install`,
    run: (script) => (name === "npm" || name === "bun" ? `${name} run ${script}` : `${name} ${script}`),
  };
}

function byLockFile(folder: string): Name | undefined {
  const found = LOCK_FILES.find(([file]) => existsSync(join(folder, file)));
  if (found) return found[1];
  const parent = dirname(folder);
  return parent === folder || existsSync(join(folder, ".git")) ? undefined : byLockFile(parent);
}

function nameIn(text: unknown, separator: string): Name | undefined {
  if (typeof text !== "string") return undefined;
  return LOCK_FILES.find(([, name]) => text.startsWith(`${name}${separator}`))?.[1];
}
