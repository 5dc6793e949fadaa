import { HEAVY, project } from "../../../vitest.workspace.ts";

/** The page in a real browser. */
export default project(
  {
    name: "inspector-page",
    include: ["runtime/*.test.ts"],
    passWithNoTests: true,
    ...HEAVY,
  },
  { root: new URL("..", import.meta.url).pathname },
);
