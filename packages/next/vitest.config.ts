import { HEAVY, project } from "../../vitest.workspace.ts";

export default project({
  name: "next",
  include: ["src/**/*.test.ts"],
  globalSetup: "./test/build-packages.ts",
  ...HEAVY,
});
