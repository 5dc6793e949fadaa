import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCli } from "../test/run-cli.ts";

const VARIANTS = new URL(".projects/variants/", import.meta.url);
const REPOSITORY = new URL("../../../", import.meta.url);

interface Variant {
  readonly options: readonly string[];
  /** What is there before. */
  readonly files?: Readonly<Record<string, string>>;
}

const manifest = (dependencies: readonly string[], more: object = {}) =>
  JSON.stringify({ ...more, dependencies: Object.fromEntries(dependencies.map((name) => [name, "*"])) });
const tsconfig = (compilerOptions: object) =>
  JSON.stringify({ compilerOptions: { strict: true, noEmit: true, skipLibCheck: true, ...compilerOptions } });

const HONO_WORKER = {
  "package.json": manifest(["hono", "wrangler", "typescript"]),
  "wrangler.jsonc": '{ "main": "src/index.ts" }',
  "tsconfig.json": tsconfig({
    lib: ["ES2023"],
    module: "ESNext",
    moduleResolution: "Bundler",
    types: ["@cloudflare/workers-types"],
  }),
  "src/index.ts":
    'import { Hono } from "hono";\nimport { popp } from "./popp/route";\n\nexport default new Hono().post("/webhooks/popp", popp);\n',
};

/** What the projects that are built leave out: each is type-checked, and passes the test that `init` wrote. */
const variants: Readonly<Record<string, Variant>> = {
  "express-app": { options: ["--framework", "express"] },
  "hono-inbox": { options: ["--framework", "hono", "--inbox"] },
  "fastify-inbox": { options: ["--framework", "fastify", "--inbox"] },
  "next-app": { options: ["--framework", "next"] },
  worker: { options: ["--framework", "workers"] },
  "hono-worker": { options: ["--yes"], files: HONO_WORKER },
  "hono-worker-inbox": { options: ["--yes", "--inbox"], files: HONO_WORKER },
  "express-commonjs": {
    options: ["--yes", "--inbox"],
    files: {
      "package.json": manifest(["express", "typescript", "@types/node"]),
      "tsconfig.json": tsconfig({ target: "ES2022", module: "Node16", types: ["node"] }),
    },
  },
  "fastify-esm": {
    options: ["--yes"],
    files: {
      "package.json": manifest(["fastify", "typescript", "@types/node"], { type: "module" }),
      "tsconfig.json": tsconfig({ target: "ES2022", module: "NodeNext", types: ["node"] }),
    },
  },
  "express-javascript": { options: ["--yes"], files: { "package.json": manifest(["express"]) } },
  "next-javascript": { options: ["--yes"], files: { "package.json": manifest(["next"]), "app/layout.js": "" } },
  "fastify-node-test": {
    options: ["--yes", "--inbox"],
    files: { "package.json": manifest(["fastify"], { type: "module", scripts: { test: "node --test" } }) },
  },
};

const folderOf = (name: string) => fileURLToPath(new URL(`${name}/`, VARIANTS));
const names = Object.keys(variants);

beforeAll(() => rmSync(VARIANTS, { recursive: true, force: true }));
afterAll(() => rmSync(VARIANTS, { recursive: true, force: true }));

it.each(Object.entries(variants))("%s is written", async (name, { options, files = {} }) => {
  const folder = folderOf(name);
  mkdirSync(folder, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(folder + path), { recursive: true });
    writeFileSync(folder + path, text);
  }
  const { code, stderr } = await runCli(["init", ...options], { cwd: folder });
  expect([code, stderr]).toEqual([0, expect.stringContaining("npx @popp-webhooks/cli dev --forward")]);
});

it.each(names.filter((name) => !/javascript|node-test/.test(name)))("%s type-checks", (name) => {
  // The compiler of the newest TypeScript is the quickest one.
  const tsc = fileURLToPath(new URL("node_modules/ts7/bin/tsc", REPOSITORY));
  execFileSync(process.execPath, [tsc, "-p", folderOf(name), "--noEmit"], { stdio: "pipe" });
});

it("the tests of all pass in vitest", () => {
  const vitest = fileURLToPath(new URL("node_modules/vitest/vitest.mjs", import.meta.url));
  const output = execFileSync(process.execPath, [vitest, "run", "--exclude=fastify-node-test/**"], {
    cwd: fileURLToPath(VARIANTS),
    encoding: "utf8",
    stdio: "pipe",
    env: { ...process.env, NO_COLOR: "1" },
  });
  const files = names.length - 1;
  expect(output).toMatch(new RegExp(`Test Files +${files} passed \\(${files}\\)`));
  expect(output).toMatch(new RegExp(`Tests +${2 * files} passed`));
});

it("the test for node:test passes there", () => {
  const output = execFileSync(process.execPath, ["--test"], { cwd: folderOf("fastify-node-test"), encoding: "utf8" });
  expect(output).toMatch(/pass 2\n/);
});

it("a route in JavaScript is required by a server in CommonJS", () => {
  const code = 'console.log(typeof require("./popp/route.mjs").popp)';
  const output = execFileSync(process.execPath, ["-e", code], {
    cwd: folderOf("express-javascript"),
    encoding: "utf8",
  });
  expect(output).toBe("function\n");
});
