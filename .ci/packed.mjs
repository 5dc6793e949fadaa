// Packages as they would be published, for the checks that use them from empty projects outside the workspace.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
/** Where tarballs and projects are. Whoever uses it removes it. */
export const work = mkdtempSync(join(tmpdir(), "popp-webhooks-"));

/** The tools run on the Node that runs this, not on the machine's. */
const ownNode = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };

/** Runs a command, and throws with all it wrote when it fails. */
export function run(command, args, cwd = root, env = ownNode) {
  try {
    return execFileSync(command, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    throw new Error(`${command} ${args.join(" ")}\n${error.stdout ?? ""}${error.stderr ?? ""}`);
  }
}

/** The packages that are published. */
export function publicPackages() {
  return readdirSync(join(root, "packages"))
    .map((name) => join(root, "packages", name))
    .filter((folder) => existsSync(join(folder, "package.json")))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) }))
    .filter(({ manifest }) => !manifest.private);
}

/** Packs one package, and judges what the tarball holds. Returns its name and its address. */
export function pack({ folder, manifest }) {
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
  return [manifest.name, `file:${tarball}`];
}

/** Creates a project from a folder of `.ci` and installs its dependencies, outside the workspace. */
export function projectOf(name, manifest, ...options) {
  const project = join(work, name);
  cpSync(join(root, ".ci", name), project, { recursive: true });
  writeFileSync(join(project, "package.json"), JSON.stringify({ name, private: true, ...manifest }));
  run("npm", ["install", "--no-audit", "--no-fund", "--legacy-peer-deps", ...options], project);
  return project;
}
