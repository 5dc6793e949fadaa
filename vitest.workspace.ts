import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { defineConfig, type ViteUserConfig } from "vitest/config";
import { TestSummary } from "./.ci/test-summary.ts";

/** What `pnpm test` leaves to `pnpm test:all`: it takes minutes, or the whole machine. */
const SLOW: Readonly<Record<string, string>> = {
  "packages/next/vitest.config.ts": "next: `next build`, and the app it builds",
  "packages/core/runtime/vitest.config.ts": "runtimes: core and SQLite in Chromium, Bun, Deno, workerd and each Node",
  "packages/inbox/faults/vitest.config.ts": "faults: killed processes, stopped servers, full disks, floods",
  "packages/inspector/runtime/vitest.config.ts": "inspector: its page in Chromium",
  "docs/site/vitest.config.ts":
    "site: it is built, its links followed, its pages measured in Chromium; a new event is one edit",
  "packages/cli/runtime/vitest.config.ts": "cli: the projects that `init` writes, built and started",
  "docs/examples/vitest.config.ts": "examples: each is built, started and sent deliveries",
};

/**
 * The configuration of one project: its own settings over those that all share. Tests run on sources, without a build.
 * The timeouts only end a test that hangs: a slow machine must not fail one that works.
 */
export function project(test: ViteUserConfig["test"], vite: ViteUserConfig = {}): ViteUserConfig {
  const conditions = ["@popp-webhooks/source"];
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    ...vite,
    test: {
      testTimeout: 180_000,
      hookTimeout: 180_000,
      expect: { poll: { timeout: 150_000, interval: 10 } },
      // A project does not inherit this from the workspace, and by default two cores run one file at a time. Most tests
      // wait for servers, disks and processes, so that two cores have room for three files.
      maxWorkers: Math.max(3, availableParallelism() - 1),
      ...test,
    },
  });
}

/** The files of these projects build, or start a browser or another runtime: two run at a time, behind those that mostly wait. */
export const HEAVY = { maxWorkers: 2, sequence: { groupOrder: 1 } };

const packages = new URL("./packages/", import.meta.url);
const projects = readdirSync(packages)
  .flatMap((name) => ["", "runtime/", "faults/"].map((folder) => `${name}/${folder}vitest.config.ts`))
  .filter((config) => existsSync(new URL(config, packages)))
  .map((config) => `packages/${config}`)
  .concat("docs/vitest.config.ts", "docs/site/vitest.config.ts", "docs/examples/vitest.config.ts");

const quick = projects.filter((config) => SLOW[config] === undefined);
const QUICK = "the tests beside the sources, and those in workerd, which `pnpm test` runs";

/** `--mode quick` is `pnpm test`, `--mode slow` is `pnpm test:all`; any other mode has all projects to choose from. */
export default defineConfig(({ mode }) => ({
  test: {
    // A receiver tells the operator of each failure by default: of tests that pass, nobody needs to read that.
    silent: "passed-only",
    projects: mode === "quick" ? quick : mode === "slow" ? Object.keys(SLOW) : projects,
    reporters: ["default", new TestSummary(mode === "quick" ? Object.values(SLOW) : mode === "slow" ? [QUICK] : [])],
  },
}));
