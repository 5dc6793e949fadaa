// Packs every public package as it would be published and checks the tarballs: publint and attw on each, then an empty
// project outside the workspace installs them all and uses them from ESM, CommonJS and every supported TypeScript. Another
// one installs the adapters with the lowest versions of their frameworks and sends them deliveries.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { checkCli } from "./check-cli.mjs";
import { checkMistakes } from "./check-mistakes.mjs";
import { pack, projectOf, publicPackages, root, run, work } from "./packed.mjs";

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

const bin = (name) => join(root, "node_modules", ".bin", name);

/** Judges what a tarball says to tools. */
function judge({ manifest }, [, address]) {
  const tarball = address.replace("file:", "");
  run(bin("publint"), ["run", tarball, "--strict"]);
  // A command has no types to judge.
  const hasTypes = Object.values(manifest.exports).some((target) => target.import?.types !== undefined);
  if (hasTypes) run(bin("attw"), [tarball, "--no-color", "--profile", "strict"]);
  console.log(`   ${manifest.name}: publint ${hasTypes ? "and attw find" : "finds"} nothing`);
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
  const packages = publicPackages();
  const tarballs = packages.map(pack);
  for (const [at, tarball] of tarballs.entries()) judge(packages[at], tarball);
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
