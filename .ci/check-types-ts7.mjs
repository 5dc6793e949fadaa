// TypeScript 7 has no compiler API for the build to use, but its users are here already: every package's sources must suit it too.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const tsc = fileURLToPath(new URL("node_modules/ts7/bin/tsc", root));
const projects = readdirSync(new URL("packages/", root))
  .map((name) => `packages/${name}/tsconfig.json`)
  .filter((project) => existsSync(new URL(project, root)));

for (const project of projects) {
  const { status } = spawnSync(process.execPath, [tsc, "-p", project], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
console.log(`TypeScript 7: ${projects.length} packages checked`);
