import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";

/** A package that is installed. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
}

const SCOPE = "@popp-webhooks";

/** Finds every copy of the packages in a project, nested ones and those of pnpm's store too. */
export function installedPackages(project: string): readonly InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  const seen = new Set<string>();
  const look = (modules: string) => {
    if (!existsSync(modules)) return;
    const place = realpathSync(modules);
    if (seen.has(place)) return;
    seen.add(place);
    for (const folder of packagesIn(place)) {
      if (folder.startsWith(join(place, SCOPE))) add(folder, found);
      look(join(folder, "node_modules"));
    }
    const store = join(place, ".pnpm");
    for (const entry of foldersIn(store)) look(join(store, entry, "node_modules"));
  };
  look(join(project, "node_modules"));
  return [...found.values()];
}

function packagesIn(modules: string): readonly string[] {
  return foldersIn(modules).flatMap((name) =>
    name.startsWith("@")
      ? foldersIn(join(modules, name)).map((one) => join(modules, name, one))
      : [join(modules, name)],
  );
}

function foldersIn(path: string): readonly string[] {
  try {
    return readdirSync(path).filter((name) => !name.startsWith("."));
  } catch {
    return [];
  }
}

function add(folder: string, found: Map<string, InstalledPackage>): void {
  try {
    const path = realpathSync(folder);
    const { name, version } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
    found.set(path, { name: String(name), version: String(version) });
  } catch {
    // A folder without a manifest is no package.
  }
}
