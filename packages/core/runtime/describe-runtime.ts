import { beforeAll, describe, expect, it } from "vitest";
import { cases } from "./cases.ts";
import type { Report } from "./report.ts";

/** A runtime as its test describes it. */
export interface Runtime {
  /** Which way core must choose there. */
  readonly hmac: Report["hmac"];
  /** What the runtime must call itself, so that nothing else runs in its place. */
  readonly self: RegExp;
  /** Starts the real thing, runs the cases there, and ends it. */
  readonly run: () => Promise<Report>;
}

/** Runs the cases on a runtime once, and shows each as a test of its own. */
export function describeRuntime(name: string, { hmac, self, run }: Runtime): void {
  describe(name, () => {
    let done: Report;

    beforeAll(async () => {
      done = await run();
    }, 60_000);

    it(`runs all ${cases.length} cases, with ${hmac}`, () => {
      expect(done.results.map((result) => result.name)).toEqual(cases.map((each) => each.name));
      expect(done.hmac).toBe(hmac);
      expect(done.self).toMatch(self);
    });

    it.each(cases)("$name", (each) => {
      const result = done.results.find((one) => one.name === each.name);
      expect(result, "the case ran").toBeDefined();
      expect(result?.error).toBeUndefined();
    });
  });
}
