import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** The exports of a package, those of its default export included. */
export type Exports = Readonly<Record<string, unknown>>;

/** Loads the first package that is installed: in the user's project, or else beside the command line. */
export async function loadInstalled(
  names: readonly string[],
): Promise<{ readonly name: string; readonly exports: Exports } | undefined> {
  for (const base of [join(process.cwd(), "package.json"), import.meta.url]) {
    const { resolve } = createRequire(base);
    for (const name of names) {
      const path = pathOf(resolve, name);
      if (path === undefined) continue;
      const loaded: Exports = await import(pathToFileURL(path).href);
      return { name, exports: { ...Object(loaded.default), default: loaded.default, ...loaded } };
    }
  }
  return undefined;
}

function pathOf(resolve: (name: string) => string, name: string): string | undefined {
  try {
    return resolve(name);
  } catch {
    return undefined;
  }
}
