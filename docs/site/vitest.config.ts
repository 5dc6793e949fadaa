import { HEAVY, project } from "../../vitest.workspace.ts";

/** The built site, in files and in a real browser. */
export default project(
  {
    name: "site",
    include: ["*.test.ts"],
    globalSetup: ["build-site.ts"],
    ...HEAVY,
  },
  { root: new URL(".", import.meta.url).pathname },
);
