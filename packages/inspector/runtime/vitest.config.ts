import { project } from "../../../vitest.workspace.ts";

/** The page in a real browser, in workerd and inside Next. */
export default project(
  { name: "inspector-page", include: ["runtime/*.test.ts"], fileParallelism: false, sequence: { groupOrder: 1 } },
  { root: new URL("..", import.meta.url).pathname },
);
