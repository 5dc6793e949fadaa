import type { TestContext } from "vitest";

declare module "vitest" {
  interface TaskMeta {
    /** The measured result of a test, for the table of `pnpm faults`. */
    finding?: string;
  }
}

/** Stores the measured result of a test. */
export function note({ task }: Pick<TestContext, "task">, finding: string): void {
  task.meta.finding = finding;
}
