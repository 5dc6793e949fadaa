import { parse } from "jsonc-parser";
import type { Framework } from "./framework.ts";
import type { Project } from "./read-project.ts";

/** How the files are named and written in a project. */
export interface Layout {
  readonly framework: Framework;
  readonly isNew: boolean;
  /** Whether the app runs on Cloudflare Workers, with Hono or without a framework. */
  readonly isWorker: boolean;
  readonly hasInbox: boolean;
  readonly isTypeScript: boolean;
  /** Whether files of the app are loaded with `require`. */
  readonly isCommonJs: boolean;
  /** The folder of the sources, with a slash at its end; empty for the project's own. */
  readonly sources: string;
  /** The folder of the files for Popp. */
  readonly folder: string;
  /** The extension of the files. */
  readonly extension: "ts" | "js" | "mjs";
  /** How an import of a file of the project ends. */
  readonly importEnd: string;
  /** undefined when the project uses one for which no test is written. */
  readonly testRunner: "vitest" | "node:test" | undefined;
}

/** Decides where the files go in a project, and in which language they are. */
export function layoutOf(project: Project, framework: Framework, inbox: boolean | undefined): Layout {
  const { isNew, manifest, dependencies, wrangler, has } = project;
  const isWorker = framework === "workers" || (framework === "hono" && frameworkRunsOnWorkers(project));
  const isTypeScript = isNew || dependencies.has("typescript") || has("tsconfig.json");
  const isModule = isNew || manifest.type === "module";
  const isBundled = framework === "next" || isWorker;
  const extension = isTypeScript ? "ts" : isModule || framework === "next" ? "js" : "mjs";
  const sources =
    framework === "next" ? nextSources(project) : (isNew && wrangler === undefined) || has("src") ? "src/" : "";
  const folder = framework === "next" ? `${sources}app/webhooks/popp` : `${sources}popp`;
  return {
    framework,
    isNew,
    isWorker,
    hasInbox: inbox ?? has(`${folder}/inbox.${extension}`),
    isTypeScript,
    isCommonJs: !isModule && !isBundled,
    sources,
    folder,
    extension,
    importEnd: importEnd(),
    testRunner: testRunnerOf(project, isBundled),
  };

  function importEnd(): string {
    if (framework === "next") return "";
    if (!isTypeScript) return `.${extension}`;
    if (isNew && !isWorker) return ".ts";
    if (isBundled) return "";
    return namesTsFiles(project) ? ".ts" : isModule ? ".js" : "";
  }
}

const frameworkRunsOnWorkers = ({ wrangler, dependencies }: Project) =>
  wrangler !== undefined || dependencies.has("wrangler");

/** Next wants `app` and `pages` in the same place. */
function nextSources({ has }: Project): string {
  return !has("app") && !has("pages") && has("src") ? "src/" : "";
}

/** Whether imports of the project end in `.ts`, as those of code do that Node runs without a build. */
function namesTsFiles({ read }: Project): boolean {
  const options = parse(read("tsconfig.json") ?? "{}")?.compilerOptions ?? {};
  return Boolean(options.allowImportingTsExtensions || options.rewriteRelativeImportExtensions);
}

const OTHER_RUNNERS = ["jest", "mocha", "ava", "jasmine", "tap", "uvu"];

function testRunnerOf({ manifest, dependencies }: Project, isBundled: boolean): Layout["testRunner"] {
  if (dependencies.has("vitest")) return "vitest";
  // Node itself cannot load files that only a bundler finds.
  if (/\s--test\b/.test(manifest.scripts?.test ?? "")) return isBundled ? undefined : "node:test";
  return OTHER_RUNNERS.some((name) => dependencies.has(name)) ? undefined : "vitest";
}
