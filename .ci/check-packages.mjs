// Packs every public package as it would be published and checks the tarballs: publint and attw on each, then an empty
// project outside the workspace installs them all and uses them from ESM, CommonJS and every supported TypeScript. Another
// one installs the adapters with the lowest versions of their frameworks and sends them deliveries.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkCli } from "./check-cli.mjs";
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
      `${manifest.name}: the condition for sources is in the published manifest, which .ci/published-manifest.mjs writes`,
    );
  }
  run(bin("publint"), ["run", tarball, "--strict"]);
  // A command has no types to judge.
  const hasTypes = manifest.exports["."] !== undefined;
  if (hasTypes) run(bin("attw"), [tarball, "--no-color", "--profile", "strict"]);
  console.log(`   ${manifest.name}: publint ${hasTypes ? "and attw find" : "finds"} nothing`);
  return [manifest.name, `file:${tarball}`];
}

/** Creates a project from a folder of `.ci` and installs its dependencies, outside the workspace. */
function projectOf(name, manifest, ...options) {
  const project = join(work, name);
  cpSync(join(root, ".ci", name), project, { recursive: true });
  writeFileSync(join(project, "package.json"), JSON.stringify({ name, private: true, ...manifest }));
  run("npm", ["install", "--no-audit", "--no-fund", "--legacy-peer-deps", ...options], project);
  return project;
}

/** An empty project that has nothing but the tarballs and what a consumer's files need. */
function install(tarballs) {
  const local = Object.fromEntries(tarballs);
  const devDependencies = {
    ...Object.fromEntries(COMPILERS.map(([version, release]) => [`ts${version}`, `npm:typescript@${release}`])),
    "@types/node": "24.19.2",
  };
  const project = projectOf("consumer", {
    // The newest valibot that core's range allows; the tests of the workspace run on the one in the lock file.
    dependencies: { ...local, valibot: "1" },
    devDependencies,
    overrides: local,
  });
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

const ADAPTERS = ["express", "fastify", "hono", "next"];

/** The lowest version that a range such as `>=4 <6` allows. */
function lowestOf(range) {
  const [, major, minor = 0, patch = 0] = /^>=(\d+)(?:\.(\d+))?(?:\.(\d+))? /.exec(range) ?? [];
  if (major === undefined) throw new Error(`no lower bound in the peer range ${range}`);
  return `${major}.${minor}.${patch}`;
}

/** Sends deliveries to the adapters, with the lowest versions of their frameworks. */
function deliver(packages, tarballs) {
  const peers = packages
    .filter(({ manifest }) => ADAPTERS.some((name) => manifest.name.endsWith(`/${name}`)))
    .flatMap(({ manifest }) => Object.entries(manifest.peerDependencies))
    .map(([name, range]) => [name, lowestOf(range)]);
  const needed = [...ADAPTERS, "core", "testing"].map((name) => `@popp-webhooks/${name}`);
  const local = Object.fromEntries(tarballs.filter(([name]) => needed.includes(name)));
  // The lowest React that the lowest Next allows.
  const react = { react: "18.2.0", "react-dom": "18.2.0" };
  const dependencies = { ...local, ...Object.fromEntries(peers), ...react };
  const project = projectOf("lowest-peers", { dependencies, overrides: local }, "--omit=optional");
  const versions = peers.map((peer) => peer.join(" ")).join(", ");
  console.log(`   ${versions}: ${run(process.execPath, ["deliver.mjs"], project).trim()}`);
}

try {
  mkdirSync(work, { recursive: true });
  const packages = publicPackages();
  const tarballs = packages.map(pack);
  deliver(packages, tarballs);
  await checkCli(work, tarballs);
  const project = install(tarballs);
  use(project);
  budget(project);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
