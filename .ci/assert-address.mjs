// Stops a release while the project has no public address: a published package must say where its sources and its issues are.
import { readFileSync } from "node:fs";

const { repository, homepage, bugs } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const missing = Object.entries({ repository, homepage, bugs }).filter(([, value]) => !value);
if (missing.length > 0) {
  const names = missing.map(([name]) => `"${name}"`).join(", ");
  console.error(
    `Nothing can be published yet: set ${names} in the package.json of the root. Every package, the site and the release take them from there.`,
  );
  process.exitCode = 1;
}
