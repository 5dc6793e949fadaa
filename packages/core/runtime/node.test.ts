import { it } from "vitest";
import { bin } from "./bin.ts";
import { describeRuntime } from "./describe-runtime.ts";
import { runConsole } from "./run-console.ts";

for (const version of ["20", "22", "24", "26"]) {
  const { file, missing } = bin(`node${version}/bin/node`);
  if (missing) {
    it.skipIf(missing)(`Node ${version}: no binary of it for ${process.platform} ${process.arch}`, () => {});
  } else {
    describeRuntime(`Node ${version}`, {
      hmac: "node:crypto",
      self: new RegExp(`^(Node\\.js/|v)${version}\\b`),
      run: () => runConsole(file),
    });
  }
}
