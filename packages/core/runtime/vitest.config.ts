import { HEAVY, project } from "../../../vitest.workspace.ts";

/** The matrix of runtimes: core in each, and the SQLite store where a runtime brings a driver. */
export default project(
  {
    name: "runtimes",
    include: ["core/runtime/*.test.ts", "inbox/src/**/runtimes.test.ts"],
    ...HEAVY,
  },
  { root: new URL("../..", import.meta.url).pathname },
);
