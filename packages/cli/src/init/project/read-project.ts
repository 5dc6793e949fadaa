import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type ParseError, parse } from "jsonc-parser";
import { CliError } from "../../command-line/cli-error.ts";

/** A folder that `init` is to add to. */
export interface Project {
  readonly folder: string;
  /** Whether there is no package.json yet. */
  readonly isNew: boolean;
  /** What package.json says; an empty one in a new project. */
  readonly manifest: Manifest;
  /** The names of all that it depends on, in any way. */
  readonly dependencies: ReadonlySet<string>;
  /** The name of wrangler's file. */
  readonly wrangler: string | undefined;
  has(path: string): boolean;
  /** The text of a file. undefined when there is none. */
  read(path: string): string | undefined;
}

/** The parts of a package.json that `init` looks at. */
interface Manifest {
  readonly type?: string;
  readonly main?: string;
  readonly packageManager?: string;
  readonly scripts?: Readonly<Record<string, string>>;
}

const GROUPS = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];
const WRANGLER_FILES = ["wrangler.jsonc", "wrangler.json", "wrangler.toml"];

/** Reads the project in a folder. @throws CliError `PACKAGE_JSON_INVALID` */
export function readProject(folder: string): Project {
  const has = (path: string) => existsSync(join(folder, path));
  const read = (path: string) => {
    const file = statSync(join(folder, path), { throwIfNoEntry: false });
    return file?.isFile() ? readFileSync(join(folder, path), "utf8") : undefined;
  };
  const text = read("package.json");
  const manifest = text === undefined ? {} : manifestOf(text);
  const groups = GROUPS.map((group) => Object.entries(manifest).find(([name]) => name === group)?.[1]);
  return {
    folder,
    isNew: text === undefined,
    manifest,
    dependencies: new Set(groups.flatMap((group) => (group instanceof Object ? Object.keys(group) : []))),
    wrangler: WRANGLER_FILES.find(has),
    has,
    read,
  };
}

function manifestOf(text: string): Manifest {
  const errors: ParseError[] = [];
  const manifest = parse(text.replace(/^\uFEFF/, ""), errors, { disallowComments: true });
  if (errors.length === 0 && typeof manifest === "object" && manifest !== null && !Array.isArray(manifest))
    return manifest;
  throw new CliError(
    "usage",
    "PACKAGE_JSON_INVALID",
    "package.json is not a JSON object. Correct it first: init would have to guess what the project is.",
  );
}
