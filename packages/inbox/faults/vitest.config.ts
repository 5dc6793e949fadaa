import { project } from "../../../vitest.workspace.ts";

/** The fault tests of all packages. Each needs the whole machine, so they run one after another, after all other tests. */
export default project(
  {
    name: "faults",
    include: ["*/faults/**/*.test.ts"],
    testTimeout: 1_200_000,
    // In CI a failed fault test runs once more, and the summary lists it as flaky.
    retry: process.env.CI ? 1 : 0,
    fileParallelism: false,
    sequence: { groupOrder: 2 },
  },
  { root: new URL("../..", import.meta.url).pathname },
);
