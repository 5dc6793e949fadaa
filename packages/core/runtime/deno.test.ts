import { bin } from "./bin.ts";
import { describeRuntime } from "./describe-runtime.ts";
import { runConsole } from "./run-console.ts";

describeRuntime("Deno", {
  hmac: "node:crypto",
  self: /^Deno\//,
  // Without any permission: core asks for none.
  run: () => runConsole(bin(".bin/deno").file, "run", "--no-prompt"),
});
