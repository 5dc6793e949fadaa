import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const skill = readFileSync(new URL("../public/skill.md", import.meta.url), "utf8");
const repository = new URL("../../", import.meta.url);
const projects = new URL(".skill/", import.meta.url);

/** The newest compiler is the quickest one. */
const tsc = fileURLToPath(new URL("node_modules/ts7/bin/tsc", repository));

const NODE = {
  target: "ES2023",
  module: "NodeNext",
  types: ["node"],
  strict: true,
  skipLibCheck: true,
  verbatimModuleSyntax: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  rewriteRelativeImportExtensions: true,
  rootDir: "src",
  outDir: "dist",
};
const BUNDLED = { ...NODE, module: "ESNext", moduleResolution: "Bundler", rootDir: ".", noEmit: true };

/** The compiler options of a new project of each kind. */
const COMPILER_OPTIONS: Readonly<Record<ProjectKind, object>> = {
  node: NODE,
  worker: { ...BUNDLED, lib: ["ES2023"], types: ["@cloudflare/workers-types"] },
  next: { ...BUNDLED, lib: ["ES2023", "DOM"], jsx: "react-jsx" },
};

export type ProjectKind = "node" | "worker" | "next";

/** The blocks of a section of the skill that are files, by path: their first line names it. */
function filesOf(section: string): ReadonlyMap<string, string> {
  const text = skill.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? "";
  const blocks = [...text.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```/gm)];
  return new Map(blocks.map(([, path = "", code = ""]) => [path, code]));
}

/** All headings of the skill that have files. */
export const sectionsWithFiles = [...skill.matchAll(/^## (.+)$/gm)]
  .map(([, title = ""]) => title)
  .filter((title) => filesOf(title).size > 0);

/**
 * Follows sections of the skill in an empty project, and compiles it.
 *
 * @param from - a folder beside `docs` whose installed packages the project uses, in place of an installation
 */
export function followSkill(name: string, kind: ProjectKind, sections: readonly string[], from: string): URL {
  const folder = new URL(`${name}/`, projects);
  rmSync(folder, { recursive: true, force: true });
  const write = (path: string, text: string) => {
    const file = fileURLToPath(new URL(path, folder));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  write("package.json", JSON.stringify({ name: `${name}-app`, private: true, type: "module" }));
  write(
    "tsconfig.json",
    JSON.stringify({ compilerOptions: COMPILER_OPTIONS[kind], exclude: ["node_modules", "dist"] }),
  );
  symlinkSync(fileURLToPath(new URL(`${from}/node_modules`, repository)), new URL("node_modules", folder));
  for (const section of sections) for (const [path, code] of filesOf(section)) write(path, code);
  execFileSync(process.execPath, [tsc, "-p", fileURLToPath(folder)], { encoding: "utf8", stdio: "pipe" });
  return folder;
}

/** Removes all projects. */
export const removeProjects = (): void => rmSync(projects, { recursive: true, force: true });
