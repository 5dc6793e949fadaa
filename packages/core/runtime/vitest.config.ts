import { project } from "../../../vitest.workspace.ts";

/** The matrix of runtimes: core in each, and the SQLite store where a runtime brings a driver. */
export default project(
  {
    name: "runtimes",
    include: ["core/runtime/*.test.ts", "inbox/src/**/runtimes.test.ts"],
    // One runtime after the other: two browsers that start at once slow everything else down.
    fileParallelism: false,
    sequence: { groupOrder: 1 },
  },
  { root: new URL("../..", import.meta.url).pathname },
);
