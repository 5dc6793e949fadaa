import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

/** How often a run that is not watched on a terminal says that it goes on. */
const PROGRESS_MS = 20_000;

/**
 * Tells what a run does beside the list of its files: that it goes on, and at the end what was skipped, what passed only
 * when it was tried again, and what this command leaves out. Writes the sum, and what failed with its first line of error, as
 * JSON to the file in `TEST_SUMMARY`: a CI that keeps the end of a long output still says which test failed, and how.
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
    const failures = errors.map((error) => `outside of tests: ${firstLine(error)}`);
    for (const module of modules) {
      let unexplained = 0;
      const own = [...module.children.allTests()];
      for (const test of own) {
        const result = test.result();
        if (result.state !== "pending") sum[result.state]++;
        if (result.state === "failed")
          failures.push(`${nameOf(module)}: ${test.fullName}: ${firstLine(result.errors[0])}`);
        if (result.state === "skipped" && result.note === undefined) unexplained++;
        if (test.diagnostic()?.flaky) {
          sum.flaky++;
          console.log(`Flaky, passed on the second try: ${nameOf(module)}: ${test.fullName}`);
        }
      }
      // What fails outside of tests: the file itself, or a hook of a suite.
      const outside = [module, ...module.children.allSuites()].flatMap((suite) => suite.errors());
      sum.failed += outside.length;
      failures.push(...outside.map((error) => `${nameOf(module)}: ${firstLine(error)}`));
      if (unexplained > 0) console.log(`Skipped: ${unexplained} tests of ${nameOf(module)}`);
    }
    for (const what of this.#leftOut) console.log(`Left out: ${what}`);
    if (sum.flaky > 0) console.log(`Flaky tests: ${sum.flaky}`);
    const { TEST_SUMMARY } = process.env;
    if (TEST_SUMMARY !== undefined) writeFileSync(TEST_SUMMARY, JSON.stringify({ ...sum, failures }));
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

function firstLine(error: unknown): string {
  const text = error instanceof Error || isReported(error) ? error.message : String(error);
  return text.split("\n", 1)[0] ?? "";
}

/** An error as Vitest passes it from a worker. */
function isReported(error: unknown): error is { readonly message: string } {
  return typeof error === "object" && error !== null && "message" in error && typeof error.message === "string";
}
