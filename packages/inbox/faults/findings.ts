import type { TestContext } from "vitest";

declare module "vitest" {
  interface TaskMeta {
    /** What a test has to show for itself, for the table that `pnpm faults` prints. */
    finding?: string;
  }
}

/** Notes what a test has measured. */
export function note({ task }: Pick<TestContext, "task">, finding: string): void {
  task.meta.finding = finding;
}
