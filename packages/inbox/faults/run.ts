/** The long run of the faults, with a table of what each has shown: `pnpm faults`. Takes the better part of an hour. */
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
    for (const module of modules) for (const test of module.children.allTests()) rows.push(rowOf(test));
    console.log(rows.toString());
  },
};

function rowOf(test: TestCase): string[] {
  const seconds = (test.diagnostic()?.duration ?? 0) / 1_000;
  const signs = test.name.startsWith("would ") ? CONTROL : SIGNS;
  return [test.fullName, signs[test.result().state], test.meta().finding ?? "", seconds.toFixed(1)];
}

const root = new URL("../../../", import.meta.url).pathname;
const vitest = await startVitest("test", [], {
  root,
  config: `${root}vitest.workspace.ts`,
  project: ["faults"],
  watch: false,
  reporters: ["default", table],
});
await vitest.close();
