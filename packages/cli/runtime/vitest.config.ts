import { HEAVY, project } from "../../../vitest.workspace.ts";

/** The projects that `init` writes, in each framework: built, tested and started as a user does. */
export default project({
  name: "cli-init",
  include: ["*.test.ts"],
  globalSetup: ["../test/build.ts", "build-adapters.ts"],
  ...HEAVY,
});
