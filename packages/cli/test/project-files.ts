import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { emptyFolder } from "./run-cli.ts";

/** Texts by the paths of their files. */
export type Files = Readonly<Record<string, string>>;

/** A folder with these files, removed when the test ends. */
export function projectOf(files: Files): string {
  const folder = emptyFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** All files of a folder with their texts. */
export function filesIn(folder: string): Files {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]));
}

/** A package.json with these dependencies. */
export const manifestWith = (dependencies: Files, more: object = {}): string =>
  JSON.stringify({ ...more, dependencies }, null, 2);

/** The package.json of an app in TypeScript. */
export const EXPRESS: string = manifestWith({ express: "^5.0.0", typescript: "^5.0.0" }, { type: "module" });
