import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

/** How often a run that is not watched on a terminal says that it goes on. */
const PROGRESS_MS = 20_000;

/**
 * Tells what a run does beside the list of its files: that it goes on, and at the end what was skipped, what passed only
 * when it was tried again, and what this command leaves out. Writes the sum as JSON to the file in `TEST_SUMMARY`.
 */
export class TestSummary implements Reporter {
  readonly #leftOut: readonly string[];
  readonly #running = new Set<string>();
  #ended = 0;
  #progress: NodeJS.Timeout | undefined;

  constructor(leftOut: readonly string[]) {
    this.#leftOut = leftOut;
  }

  onTestRunStart(): void {
    if (!process.stdout.isTTY) this.#progress = setInterval(() => this.#sayProgress(), PROGRESS_MS);
  }

  onTestModuleQueued(module: TestModule): void {
    this.#running.add(nameOf(module));
  }

  onTestCaseResult(): void {
    this.#ended++;
  }

  onTestModuleEnd(module: TestModule): void {
    this.#running.delete(nameOf(module));
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    clearInterval(this.#progress);
    const sum = { passed: 0, failed: errors.length, skipped: 0, flaky: 0 };
    for (const module of modules) {
      let unexplained = 0;
      const own = [...module.children.allTests()];
      for (const test of own) {
        const result = test.result();
        if (result.state !== "pending") sum[result.state]++;
        if (result.state === "skipped" && result.note === undefined) unexplained++;
        if (test.diagnostic()?.flaky) {
          sum.flaky++;
          console.log(`Flaky, passed on the second try: ${nameOf(module)}: ${test.fullName}`);
        }
      }
      // A file that fails before it has tests, or in a hook.
      if (module.state() === "failed" && own.every((test) => test.result().state !== "failed")) sum.failed++;
      if (unexplained > 0) console.log(`Skipped: ${unexplained} tests of ${nameOf(module)}`);
    }
    for (const what of this.#leftOut) console.log(`Left out: ${what}`);
    if (sum.flaky > 0) console.log(`Flaky tests: ${sum.flaky}`);
    const { TEST_SUMMARY } = process.env;
    if (TEST_SUMMARY !== undefined) writeFileSync(TEST_SUMMARY, JSON.stringify(sum));
  }

  #sayProgress(): void {
    console.log(
      `… ${this.#ended} tests have ended; running: ${[...this.#running].join(", ") || "the next files start"}`,
    );
  }
}

function nameOf({ moduleId }: TestModule): string {
  return relative(process.cwd(), moduleId);
}
