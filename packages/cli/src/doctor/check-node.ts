import { type Finding, findingsOf } from "./finding.ts";

const finding = findingsOf("node");

/** Looks whether a version of Node can run the packages. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const place = `Node ${version} on ${process.platform} ${process.arch}`;
  const upgrade = "Install Node 22.13 or newer, and start your app and this command with it.";
  if (major < 20 || (major === 20 && minor < 18))
    return finding("problem", `${place} is too old: the packages need 20.18.`, upgrade);
  if (major < 22 || (major === 22 && minor < 13))
    return finding("warning", `${place} has no node:sqlite: an inbox in SQLite needs better-sqlite3.`, upgrade);
  return finding("ok", `${place}.`);
}
