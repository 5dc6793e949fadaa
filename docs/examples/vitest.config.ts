import { HEAVY, project } from "../../vitest.workspace.ts";

/** Each example is built and started as its README says, and then receives deliveries over HTTP. */
export default project({
  name: "examples",
  // SvelteKit's test stands beside its folder, whose tsconfig.json extends one that only its build writes.
  include: ["*.test.ts", "*/*.test.ts"],
  globalSetup: ["../../packages/next/test/build-packages.ts", "../../packages/cli/runtime/build-adapters.ts"],
  ...HEAVY,
});
