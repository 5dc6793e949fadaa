import { type Finding, findingsOf } from "./finding.ts";
import { installedPackages } from "./installed-packages.ts";

const finding = findingsOf("versions");

/** Looks whether all packages of a project, and this command, have one version: they are released together. */
export function checkVersions(project: string, ownVersion: string): Finding {
  const installed = installedPackages(project);
  if (installed.length === 0)
    return finding(
      "not checked",
      "No package of @popp-webhooks is installed here.",
      "Run the command in the folder of your app.",
    );
  const all = [...installed, { name: "this command", version: ownVersion }];
  const versions = [...new Set(all.map(({ version }) => version))].sort();
  if (versions.length === 1)
    return finding("ok", `${installed.length} packages of @popp-webhooks, all ${versions[0]}.`);
  const lists = versions.map((version) => {
    const names = all.filter((one) => one.version === version).map(({ name }) => name.replace("@popp-webhooks/", ""));
    return `${version} (${[...new Set(names)].sort().join(", ")})`;
  });
  const names = [...new Set(installed.map(({ name }) => `${name}@latest`))].sort();
  return finding(
    "problem",
    `The versions of @popp-webhooks differ: ${lists.join("; ")}.`,
    `Install one version of all: npm install ${names.join(" ")}`,
  );
}
