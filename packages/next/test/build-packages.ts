import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const packages = new URL("../../", import.meta.url);
const tsup = fileURLToPath(new URL("../node_modules/.bin/tsup", packages));

/** Builds what the apps of these tests and of the examples use, once before the tests of a project. */
export function setup(): void {
  buildPackages("core", "testing", "inbox", "inspector", "next");
}

/**
 * Builds what is older than its sources: frameworks with a build of their own resolve what a user would, and know nothing
 * of the condition by which tests run on sources. A package comes after those that it depends on.
 */
export function buildPackages(...names: readonly string[]): void {
  for (const name of names) {
    const folder = new URL(`${name}/`, packages);
    if (newest(new URL("dist/", folder)) > newest(new URL("src/", folder))) continue;
    execFileSync(tsup, { cwd: fileURLToPath(folder), stdio: ["ignore", "ignore", "pipe"] });
  }
}

/** When the last file of a folder was written, in milliseconds since the epoch; 0 for no folder. */
function newest(folder: URL): number {
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(0, ...files.map((file) => statSync(`${file.parentPath}/${file.name}`).mtimeMs));
}
