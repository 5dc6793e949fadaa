import { absent } from "./absent.ts";
import { bin } from "./bin.ts";
import { describeRuntime } from "./describe-runtime.ts";
import { runConsole } from "./run-console.ts";

for (const version of ["20", "22", "24", "26"]) {
  const { file, missing } = bin(`node${version}/bin/node`);
  if (missing) {
    absent(`Node ${version}`, `its package has no binary for ${process.platform} ${process.arch}`, false);
  } else {
    describeRuntime(`Node ${version}`, {
      hmac: "node:crypto",
      self: new RegExp(`^(Node\\.js/|v)${version}\\b`),
      run: () => runConsole(file),
    });
  }
}
