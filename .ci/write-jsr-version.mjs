// Changesets raise the version in package.json only. JSR reads its own file.
import { readFileSync, writeFileSync } from "node:fs";

const core = new URL("../packages/core/", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("package.json", core), "utf8"));
const jsr = new URL("jsr.json", core);
writeFileSync(jsr, readFileSync(jsr, "utf8").replace(/"version": "[^"]*"/, `"version": "${version}"`));
