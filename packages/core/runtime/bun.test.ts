import { bin } from "./bin.ts";
import { describeRuntime } from "./describe-runtime.ts";
import { runConsole } from "./run-console.ts";

describeRuntime("Bun", {
  hmac: "node:crypto",
  self: /^Bun\//,
  run: () => runConsole(bin(".bin/bun").file),
});
