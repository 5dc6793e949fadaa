import { existsSync, readdirSync } from "node:fs";
import { defineConfig } from "vitest/config";

const root = new URL("./packages/", import.meta.url);

/** Every package that has tests brings its own vitest.config.ts: what is special to it stands there, or in its `runtime` or `faults` folder. */
const projects = readdirSync(root)
  .flatMap((name) => [
    `${name}/vitest.config.ts`,
    `${name}/runtime/vitest.config.ts`,
    `${name}/faults/vitest.config.ts`,
  ])
  .filter((config) => existsSync(new URL(config, root)))
  .map((config) => `packages/${config}`);

export default defineConfig({
  test: {
    // A receiver tells the operator of each failure by default: of tests that pass, nobody needs to read that.
    silent: "passed-only",
    projects: [...projects, "docs/vitest.config.ts", "docs/examples/vitest.config.ts"],
  },
});
