import { mkdirSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Installs a package in a project. */
export function linkDriver(project: string, name: string): void {
  let folder = dirname(createRequire(import.meta.url).resolve(name));
  while (!folder.endsWith(`node_modules/${name}`)) folder = dirname(folder);
  mkdirSync(join(project, "node_modules"), { recursive: true });
  symlinkSync(folder, join(project, "node_modules", name));
}
