// `pnpm test:release`: the packed packages, used from an empty project by every runtime, bundler, test runner and compiler that we name. It
// installs much and takes minutes, so that it runs before a release and each night, and not with every change. Build first.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { pack, projectOf, publicPackages, root, run, work } from "./packed.mjs";

/** What the project installs beside the packages. */
const TOOLS = {
  "@rollup/plugin-commonjs": "29.0.3",
  "@rollup/plugin-node-resolve": "16.0.3",
  "@types/node": "24.19.2",
  "@types/react": "19.3.0",
  esbuild: "0.28.2",
  "happy-dom": "21.0.4",
  jest: "30.5.2",
  "jest-environment-jsdom": "30.5.2",
  jsdom: "31.0.1",
  miniflare: "4.20260730.0",
  next: "16.4.6",
  react: "19.3.1",
  "react-dom": "19.3.1",
  rollup: "4.68.8",
  typescript: "6.0.3", // for Next, which installs one where it finds none
  "typescript5.4": "npm:typescript@5.4.5",
  "typescript5.9": "npm:typescript@5.9.3",
  typescript6: "npm:typescript@6.0.3",
  typescript7: "npm:typescript@7.0.2",
  vite: "8.3.8",
  vitest: "5.1.1",
  webpack: "5.112.2",
  wrangler: "4.164.0",
};

const SECRET = "the signing secret";
const runtimes = join(root, "packages/core/runtime/node_modules");
const wanted = process.argv.slice(2);
const failures = [];
let passed = 0;

/** Runs one check, and goes on whatever becomes of it. With arguments, only those whose names contain one of them run. */
async function check(name, work) {
  if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) return;
  const startedAt = Date.now();
  try {
    const told = await work();
    passed++;
    console.log(`   ${name}: ${told} (${Math.round((Date.now() - startedAt) / 1000)} s)`);
  } catch (error) {
    failures.push(name);
    console.log(`   ${name}: FAILED\n${error.message}`);
  }
}

function expectIncludes(output, text) {
  if (!output.includes(text)) throw new Error(`expected ${JSON.stringify(text)} in:\n${output}`);
  return text;
}

const FEATURED = "verified, parsed, received, kept and refused";
const BUNDLED = "DOCUMENT_UPLOADED 200";

async function runtimesOf(project) {
  cpSync(join(root, ".ci/consumer/use.mjs"), join(project, "use.mjs"));
  cpSync(join(root, ".ci/consumer/use.cjs"), join(project, "use.cjs"));
  for (const node of ["node22", "node24", "node26"])
    for (const file of ["use.mjs", "use.cjs"])
      await check(`${node} ${file}`, () =>
        expectIncludes(run(join(runtimes, node, "bin/node"), [file], project), FEATURED),
      );
  // Node 20 has no SQLite: it runs what needs none.
  await check("node20 entry.mjs", () =>
    expectIncludes(run(join(runtimes, "node20/bin/node"), ["bundle/entry.mjs"], project), BUNDLED),
  );
  await check("node20 CommonJS", () => {
    const script = 'console.log(typeof require("@popp-webhooks/core").createReceiver)';
    return expectIncludes(run(join(runtimes, "node20/bin/node"), ["-e", script], project), "function");
  });
  await check("bun", () => expectIncludes(run(join(runtimes, ".bin/bun"), ["bundle/entry.mjs"], project), BUNDLED));
  // Deno reads the node_modules that npm installed: its npm: specifiers need a registry.
  await check("deno", () =>
    expectIncludes(
      run(join(runtimes, ".bin/deno"), ["run", "-A", "--node-modules-dir=manual", "bundle/entry.mjs"], project),
      BUNDLED,
    ),
  );
}

/** What JSR would take: its rules are stricter than ours on types. */
async function checkJsr() {
  await check("JSR", () => {
    run(join(runtimes, ".bin/deno"), ["publish", "--dry-run", "--allow-dirty"], join(root, "packages/core"));
    return "core would be accepted";
  });
}

async function bundlersOf(project) {
  const tool = (name) => import(pathToFileURL(join(project, "node_modules", name)).href);
  const input = join(project, "bundle/entry.mjs");
  const runs = (name) =>
    expectIncludes(run(process.execPath, [join(project, `out/${name}/entry.mjs`)], project), BUNDLED);
  await check("esbuild", async () => {
    const { build } = await tool("esbuild/lib/main.js");
    await build({
      entryPoints: [input],
      bundle: true,
      format: "esm",
      platform: "neutral",
      mainFields: ["module", "main"],
      outfile: join(project, "out/esbuild/entry.mjs"),
      logLevel: "silent",
    });
    return runs("esbuild");
  });
  await check("rollup", async () => {
    const { rollup } = await tool("rollup/dist/es/rollup.js");
    const { nodeResolve } = await tool("@rollup/plugin-node-resolve/dist/es/index.js");
    const bundle = await rollup({ input, plugins: [nodeResolve()], onwarn: () => {} });
    await bundle.write({ file: join(project, "out/rollup/entry.mjs"), format: "es" });
    return runs("rollup");
  });
  await check("webpack", async () => {
    const { default: webpack } = await tool("webpack/lib/index.js");
    const output = {
      path: join(project, "out/webpack"),
      filename: "entry.mjs",
      module: true,
      library: { type: "module" },
    };
    const stats = await new Promise((resolve, reject) =>
      webpack(
        {
          mode: "production",
          target: "es2022",
          entry: input,
          output,
          experiments: { outputModule: true, topLevelAwait: true },
        },
        (error, done) => (error ? reject(error) : resolve(done)),
      ),
    );
    if (stats.hasErrors()) throw new Error(stats.toString("errors-only"));
    return runs("webpack");
  });
  await check("vite", async () => {
    const { build } = await tool("vite/dist/node/index.js");
    const rollupOptions = { input, output: { entryFileNames: "entry.mjs" } };
    await build({
      root: project,
      logLevel: "silent",
      build: { target: "es2022", outDir: "out/vite", rollupOptions, modulePreload: false },
    });
    return runs("vite");
  });
  await check("a Worker", async () => {
    run(
      "npx",
      [
        "wrangler",
        "deploy",
        "bundle/worker.mjs",
        "--dry-run",
        "--outdir",
        "out/worker",
        "--name",
        "popp",
        "--compatibility-date",
        "2026-07-01",
      ],
      project,
    );
    const { Miniflare } = await tool("miniflare/dist/src/index.js");
    const worker = new Miniflare({
      modules: [
        { type: "ESModule", path: "worker.js", contents: readFileSync(join(project, "out/worker/worker.js"), "utf8") },
      ],
      bindings: { POPP_WEBHOOK_SECRET: SECRET },
      compatibilityDate: "2026-07-01",
    });
    try {
      const { status } = await worker.dispatchFetch("http://localhost/", delivery());
      return expectIncludes(`${status}`, "200");
    } finally {
      await worker.dispose();
    }
  });
}

/** A signed delivery, as options of fetch. */
function delivery() {
  const body = JSON.stringify({
    event: "DOCUMENT_UPLOADED",
    eventId: "e",
    eventTimestamp: new Date().toISOString(),
    data: { recordId: "r", organizationId: "o" },
  });
  return { method: "POST", body, headers: { "x-signature": createHmac("sha256", SECRET).update(body).digest("hex") } };
}

async function frameworksOf(project) {
  await check("next build and next start", async () => {
    const app = join(project, "next");
    const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", POPP_WEBHOOK_SECRET: SECRET };
    const next = join(project, "node_modules/next/dist/bin/next");
    run(process.execPath, [next, "build"], app, env);
    const port = await freePort();
    const server = spawn(process.execPath, [next, "start", "-p", `${port}`], { cwd: app, env, stdio: "ignore" });
    try {
      return expectIncludes(`${(await answered(`http://127.0.0.1:${port}/popp`)).status}`, "200");
    } finally {
      server.kill();
    }
  });
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Sends a delivery until somebody answers. */
async function answered(url) {
  for (let tries = 0; ; tries++) {
    try {
      return await fetch(url, delivery());
    } catch (error) {
      if (tries > 600) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function testRunnersOf(project) {
  for (const environment of ["node", "jsdom"])
    await check(`jest ${environment}`, () => {
      run("npx", ["jest", "--rootDir", "tests", `--env=${environment}`, "--testMatch", "**/*.test.cjs"], project);
      return "2 tests pass";
    });
  for (const environment of ["node", "jsdom", "happy-dom"])
    await check(`vitest ${environment}`, () => {
      run(
        "npx",
        [
          "vitest",
          "run",
          "--globals",
          `--environment=${environment}`,
          "--dir",
          "tests",
          "--config",
          "tests/vitest.config.mjs",
        ],
        project,
      );
      return "2 tests pass";
    });
}

async function compilersOf(project) {
  for (const version of ["5.4", "5.9", "6", "7"])
    for (const [resolution, module] of [
      ["nodenext", "nodenext"],
      ["bundler", "esnext"],
    ])
      await check(`TypeScript ${version} ${resolution}`, () => {
        const config = `tsconfig.${version}.${resolution}.json`;
        const compilerOptions = {
          target: "es2022",
          lib: ["es2023", "dom", "dom.iterable"],
          module,
          moduleResolution: resolution,
          strict: true,
          noEmit: true,
          skipLibCheck: false,
          types: [],
        };
        writeFileSync(
          join(project, "types", config),
          JSON.stringify({ compilerOptions, files: ["all-of-core.ts", "an-inbox.ts"] }),
        );
        run(
          process.execPath,
          [join(project, `node_modules/typescript${version}/bin/tsc`), "-p", `types/${config}`],
          project,
        );
        return "compiles, libraries included";
      });
}

try {
  const packages = publicPackages();
  if (!packages.every(({ folder }) => existsSync(join(folder, "dist")))) throw new Error("Run `pnpm build` first.");
  const tarballs = Object.fromEntries(packages.map(pack));
  const dependencies = { ...tarballs, ...TOOLS };
  console.log("   installing");
  const project = projectOf("release", { dependencies, overrides: tarballs });
  for (const file of ["all-of-core.ts", "an-inbox.ts"])
    cpSync(join(root, ".ci/consumer", file), join(project, "types", file));
  await runtimesOf(project);
  await checkJsr();
  await bundlersOf(project);
  await frameworksOf(project);
  await testRunnersOf(project);
  await compilersOf(project);
} catch (error) {
  failures.push("the project");
  console.error(error.message);
} finally {
  rmSync(work, { recursive: true, force: true });
}
if (failures.length > 0) console.log(`\nFailed: ${failures.join(", ")}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length > 0 ? 1 : 0;
