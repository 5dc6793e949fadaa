import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** An environment in which packages are not installed. */
export function withoutPackages(folder: string, names: readonly string[]): { readonly NODE_OPTIONS: string } {
  const file = join(folder, "without-packages.cjs");
  writeFileSync(
    file,
    `const Module = require("node:module");
const resolve = Module._resolveFilename;
Module._resolveFilename = function (name, ...rest) {
  if (${JSON.stringify(names)}.includes(name)) throw Object.assign(new Error("not installed"), { code: "MODULE_NOT_FOUND" });
  return resolve.call(this, name, ...rest);
};`,
  );
  return { NODE_OPTIONS: `--require ${file}` };
}
