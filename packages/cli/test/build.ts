import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Builds the binary that the tests run. It runs the other packages from their sources. */
export default function setup(): void {
  const tsup = join(dirname(createRequire(import.meta.url).resolve("tsup/package.json")), "dist/cli-default.js");
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  execFileSync(process.execPath, [tsup, "--no-clean", "--silent"], { cwd, stdio: ["ignore", "ignore", "inherit"] });
}
