import { basename } from "node:path";
import { dependenciesOf } from "../plan/dependencies.ts";
import type { Layout } from "../project/layout.ts";

const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;

const NODE_SCRIPTS = {
  dev: "node --watch --env-file=.env src/server.ts",
  build: "tsc -p tsconfig.build.json",
  start: "node --env-file-if-exists=.env dist/server.js",
};
const NEXT_SCRIPTS = { dev: "next dev", build: "next build", start: "next start" };
const WORKER_SCRIPTS = {
  dev: "wrangler dev",
  build: "wrangler deploy --dry-run --outdir dist",
  start: "wrangler dev",
};

/** The package.json of a new project. */
export function manifestFile(layout: Layout, folder: string): string {
  const { framework, isWorker } = layout;
  const { dependencies, devDependencies } = dependenciesOf(layout);
  const scripts = isWorker ? WORKER_SCRIPTS : framework === "next" ? NEXT_SCRIPTS : NODE_SCRIPTS;
  return json({
    name: packageNameOf(folder, Object.keys(dependencies)),
    version: "0.0.0",
    private: true,
    type: "module",
    scripts: { ...scripts, test: "vitest run", typecheck: "tsc" },
    dependencies,
    devDependencies,
    // Older ones do not run TypeScript, and vitest does not run on them.
    engines: { node: ">=22.18" },
  });
}

/** The name of the folder as npm allows it. A package must not have the name of one that it depends on. */
function packageNameOf(folder: string, taken: readonly string[] = []): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+|-+$/g, "");
  if (name === "") return "popp-webhooks-app";
  return taken.includes(name) ? `${name}-app` : name;
}

/** Next writes its own options into tsconfig.json when they are missing; here they are from the start. */
const NEXT_OPTIONS = {
  target: "ES2022",
  lib: ["dom", "dom.iterable", "esnext"],
  allowJs: true,
  skipLibCheck: true,
  strict: true,
  noEmit: true,
  incremental: true,
  module: "esnext",
  esModuleInterop: true,
  moduleResolution: "bundler",
  resolveJsonModule: true,
  isolatedModules: true,
  jsx: "react-jsx",
  plugins: [{ name: "next" }],
};
const NODE_OPTIONS = {
  target: "ES2023",
  module: "NodeNext",
  types: ["node"],
  strict: true,
  skipLibCheck: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  rewriteRelativeImportExtensions: true,
  noEmit: true,
};
const WORKER_OPTIONS = {
  target: "ES2023",
  lib: ["ES2023"],
  module: "ESNext",
  moduleResolution: "Bundler",
  types: ["@cloudflare/workers-types"],
  strict: true,
  skipLibCheck: true,
  verbatimModuleSyntax: true,
  noEmit: true,
};
const NEXT_FILES = [
  "next-env.d.ts",
  ".next/types/**/*.ts",
  ".next/dev/types/**/*.ts",
  "**/*.mts",
  "**/*.ts",
  "**/*.tsx",
];

/** The configurations of TypeScript, by their names. */
export function typeScriptFiles({ framework, isWorker }: Layout): Readonly<Record<string, string>> {
  if (framework === "next")
    return {
      "tsconfig.json": json({ compilerOptions: NEXT_OPTIONS, include: NEXT_FILES, exclude: ["node_modules"] }),
    };
  if (isWorker) return { "tsconfig.json": json({ compilerOptions: WORKER_OPTIONS, include: ["src"] }) };
  return {
    "tsconfig.json": json({ compilerOptions: NODE_OPTIONS, include: ["src"] }),
    "tsconfig.build.json": json({
      extends: "./tsconfig.json",
      compilerOptions: { noEmit: false, outDir: "dist", rootDir: "src" },
      exclude: ["src/**/*.test.ts"],
    }),
  };
}

/** The binding and the trigger that an inbox in D1 needs. */
export const D1_LINES = `  // \`wrangler d1 create popp\` gives the id that a deployed Worker needs.
  "d1_databases": [
    { "binding": "DB", "database_name": "popp", "database_id": "local" }
  ],
  // Retries failed events every minute.
  "triggers": { "crons": ["* * * * *"] }`;

/** The configuration of a new Worker. */
export function wranglerFile({ hasInbox }: Layout, folder: string): string {
  return `{
  "$schema": "node_modules/wrangler/config-schema.json",
  "name": "${packageNameOf(folder).replaceAll(/[._]/g, "-")}",
  "main": "src/index.ts",
  "compatibility_date": "2026-07-01"${hasInbox ? `,\n${D1_LINES}` : ""}
}
`;
}
