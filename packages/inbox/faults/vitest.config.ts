import { project } from "../../../vitest.workspace.ts";

/** The fault plan of all packages. Each test takes the machine for itself, so they run one after another, after everything else. */
export default project(
  {
    name: "faults",
    include: ["*/faults/**/*.test.ts"],
    testTimeout: 1_200_000,
    // In CI a fault test may be tried again once; the summary names it as flaky.
    retry: process.env.CI ? 1 : 0,
    fileParallelism: false,
    sequence: { groupOrder: 2 },
  },
  { root: new URL("../..", import.meta.url).pathname },
);
