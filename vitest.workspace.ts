import { existsSync, readdirSync } from "node:fs";
import { defineConfig } from "vitest/config";

const root = new URL("./packages/", import.meta.url);

/** Every package that has tests brings its own vitest.config.ts: what is special to it stands there. */
const projects = readdirSync(root)
  .filter((name) => existsSync(new URL(`${name}/vitest.config.ts`, root)))
  .map((name) => `packages/${name}/vitest.config.ts`);

export default defineConfig({ test: { projects } });
