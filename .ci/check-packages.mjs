// Packs every public package as it would be published and judges the tarballs: publint and attw on each, then an empty
// project outside the workspace installs them all and uses them from ESM, CommonJS and every supported TypeScript.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkMistakes } from "./check-mistakes.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "popp-webhooks-"));

/** The compilers of our users: the oldest one that is supported, those between that differ in inference, and the newest. */
const COMPILERS = [
  ["5.4", "5.4.5"],
  ["5.5", "5.5.4"],
  ["5.7", "5.7.3"],
  ["5.8", "5.8.3"],
  ["6", "6.0.3"],
  ["7", "7.0.2"],
];

/** The budget of a file that uses everything, so that an editor stays quick. */
const MAX_INSTANTIATIONS = 6_000;

function run(command, args, cwd = root) {
  try {
    return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    throw new Error(`${command} ${args.join(" ")}\n${error.stdout ?? ""}${error.stderr ?? ""}`);
  }
}

const bin = (name) => join(root, "node_modules", ".bin", name);

function publicPackages() {
  return readdirSync(join(root, "packages"))
    .map((name) => join(root, "packages", name))
    .filter((folder) => existsSync(join(folder, "package.json")))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) }))
    .filter(({ manifest }) => !manifest.private);
}

/** Packs one package and judges its tarball. */
function pack({ folder, manifest }) {
  const tarball = join(work, `${manifest.name.replace("/", "-").replace("@", "")}.tgz`);
  run("npx", ["-y", "pnpm@12.21.0", "pack", "--out", tarball], folder);
  const listing = run("tar", ["-tzf", tarball]);
  for (const needed of ["package/package.json", "package/README.md", "package/LICENSE"]) {
    if (!listing.includes(`${needed}\n`)) throw new Error(`${manifest.name}: the tarball has no ${needed}`);
  }
  if (/\/src\/|\.test\./.test(listing)) throw new Error(`${manifest.name}: the tarball holds sources or tests`);
  if (run("tar", ["-xOzf", tarball, "package/package.json"]).includes("@popp-webhooks/source")) {
    throw new Error(
      `${manifest.name}: the condition for sources is in the published manifest: fill in publishConfig.exports`,
    );
  }
  run(bin("publint"), ["run", tarball, "--strict"]);
  run(bin("attw"), [tarball, "--no-color", "--profile", "node16"]);
  console.log(`   ${manifest.name}: publint and attw find nothing`);
  return [manifest.name, `file:${tarball}`];
}

/** An empty project that has nothing but the tarballs and what a consumer's files need. */
function install(tarballs) {
  const project = join(work, "consumer");
  cpSync(join(root, ".ci", "consumer"), project, { recursive: true });
  const local = Object.fromEntries(tarballs);
  const devDependencies = {
    ...Object.fromEntries(COMPILERS.map(([version, release]) => [`ts${version}`, `npm:typescript@${release}`])),
    "@types/node": "24.19.2",
  };
  const manifest = {
    name: "consumer",
    private: true,
    // The newest valibot that core's range allows; the tests of the workspace run on the one in the lock file.
    dependencies: { ...local, valibot: "1" },
    devDependencies,
    overrides: local,
  };
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
  run("npm", ["install", "--no-audit", "--no-fund", "--legacy-peer-deps"], project);
  const { version } = JSON.parse(readFileSync(join(project, "node_modules", "valibot", "package.json"), "utf8"));
  console.log(`   valibot ${version}`);
  return project;
}

function use(project) {
  for (const file of readdirSync(project).filter((name) => /^use\.[cm]js$/.test(name))) {
    console.log(`   ${file}: ${run(process.execPath, [file], project).trim()}`);
  }
  for (const [version] of COMPILERS) {
    const tsc = `node_modules/ts${version}/bin/tsc`;
    const report = run(process.execPath, [tsc, "-p", ".", "--extendedDiagnostics"], project);
    const instantiations = /Instantiations:\s+(\d+)/.exec(report)?.[1] ?? "unknown";
    const mistakes = checkMistakes(project, version, tsc);
    console.log(
      `   TypeScript ${version}: compiles, ${instantiations} instantiations; reports ${mistakes} mistakes where they are`,
    );
  }
}

/** Counts the instantiations of a file that uses all of core, and nothing of what lies beside it. */
function budget(project) {
  const report = run(
    process.execPath,
    ["node_modules/ts6/bin/tsc", "-p", "tsconfig.budget.json", "--extendedDiagnostics"],
    project,
  );
  const count = Number(/Instantiations:\s+(\d+)/.exec(report)?.[1] ?? Number.NaN);
  if (!(count <= MAX_INSTANTIATIONS))
    throw new Error(`a consumer's types take ${count} instantiations; ${MAX_INSTANTIATIONS} are allowed`);
  console.log(`   a file that uses all of core: ${count} instantiations of ${MAX_INSTANTIATIONS}`);
}

try {
  mkdirSync(work, { recursive: true });
  const project = install(publicPackages().map(pack));
  use(project);
  budget(project);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
