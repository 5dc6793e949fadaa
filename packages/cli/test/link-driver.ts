import { mkdirSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Installs a package in a project, as the tests of the inbox have it. */
export function linkDriver(project: string, name: string): void {
  const inbox = new URL("../../inbox/package.json", import.meta.url);
  let folder = dirname(createRequire(inbox).resolve(name));
  while (!folder.endsWith(`node_modules/${name}`)) folder = dirname(folder);
  mkdirSync(join(project, "node_modules"), { recursive: true });
  symlinkSync(folder, join(project, "node_modules", name));
}
