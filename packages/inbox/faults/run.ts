/** The long run of the faults, with a table of what each has shown: `pnpm faults`. Takes a quarter of an hour. */
import Table from "cli-table3";
import { type Reporter, startVitest, type TestCase } from "vitest/node";

process.env.POPP_FAULTS ??= "long";

/** How a test ended, by what it is: a control puts the mistake in, and shows that the fault would have been found. */
const CONTROL = { passed: "found", failed: "NOT FOUND", skipped: "skipped", pending: "not run" } as const;
const SIGNS = { passed: "survived", failed: "FAILED", skipped: "skipped", pending: "not run" } as const;

/** Prints the table when everything has run; the tests themselves are told of as they end. */
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

/** Of the suites of queues and Workers, only what has something to show for itself. */
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

/** Where faults stand, and the suites that have some among other things. */
const FILES = ["inbox/faults", "express/faults", "queues/faults", "queues/src/bullmq", "queues/src/pg-boss"].map(
  (path) => `${root}packages/${path}`,
);
const vitest = await startVitest("test", FILES, {
  root,
  config: `${root}vitest.workspace.ts`,
  project: ["faults", "queues"],
  watch: false,
  reporters: ["default", table],
});
await vitest.close();
