/** `pnpm faults`: runs all fault tests at full scale, and prints a table of their results. Takes a quarter of an hour. */
import Table from "cli-table3";
import { type Reporter, startVitest, type TestCase } from "vitest/node";

process.env.POPP_FAULTS ??= "long";

/** The result of a test by its kind. A control adds a defect, and shows that the tests would find it. */
const CONTROL = { passed: "found", failed: "NOT FOUND", skipped: "skipped", pending: "not run" } as const;
const SIGNS = { passed: "survived", failed: "FAILED", skipped: "skipped", pending: "not run" } as const;

/** Prints the table at the end. Each test is reported when it ends. */
const table: Reporter = {
  onTestRunEnd: (modules) => {
    const rows = new Table({
      head: ["fault", "", "what it has shown", "seconds"],
      colWidths: [64, 11, 60, 9],
      wordWrap: true,
      style: { compact: true, head: ["bold"], border: [] },
    });
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    for (const test of tests.filter(isOfTheTable)) rows.push(rowOf(test));
    console.log(rows.toString());
  },
};

/** Of the other suites, only tests with a measured result are listed. */
function isOfTheTable(test: TestCase): boolean {
  return test.project.name === "faults" || test.meta().finding !== undefined || isControl(test);
}

function isControl({ name }: TestCase): boolean {
  return name.startsWith("would ");
}

function rowOf(test: TestCase): string[] {
  const seconds = (test.diagnostic()?.duration ?? 0) / 1_000;
  const signs = isControl(test) ? CONTROL : SIGNS;
  return [test.fullName, signs[test.result().state], test.meta().finding ?? "", seconds.toFixed(1)];
}

const root = new URL("../../../", import.meta.url).pathname;

/** The fault tests, and the suites that contain some. */
const FILES = [
  "inbox/faults",
  "inbox/src/dispatch/outage",
  "inbox/src/stores/postgres/grouped",
  "express/faults",
  "queues/faults",
  "queues/src/bullmq",
  "queues/src/pg-boss",
].map((path) => `${root}packages/${path}`);
const vitest = await startVitest("test", FILES, {
  root,
  config: `${root}vitest.workspace.ts`,
  project: ["faults", "inbox", "queues"],
  watch: false,
  reporters: ["default", table],
});
await vitest.close();
