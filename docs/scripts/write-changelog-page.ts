/** Writes the changelog of all packages as one page: what the changesets announce, then what was released. */
import { globSync, readFileSync, writeFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);
const read = (pattern: string) =>
  globSync(pattern, { cwd: root.pathname })
    .sort()
    .map((file) => ({ file, text: readFileSync(new URL(file, root), "utf8") }));

/** The sentences of a changeset, without the list of packages above them. */
const announced = read(".changeset/*.md").map(({ text }) => text.replace(/^---\n[\s\S]*?\n---\n/, "").trim());

/** Version → the sections of the packages that changed with it. All packages have the same version. */
const released = new Map<string, string[]>();
for (const { file, text } of read("packages/*/CHANGELOG.md")) {
  const [, name] = file.split("/");
  for (const section of text.split(/^## /m).slice(1)) {
    const [version = "", ...lines] = section.split("\n");
    const changes = lines.filter((line) => !/Updated dependencies|^ {2}- @popp-webhooks/.test(line));
    const body = changes.join("\n").replaceAll("### ", "#### ").trim();
    if (/^-/m.test(body)) released.set(version, [...(released.get(version) ?? []), `### ${name}\n\n${body}`]);
  }
}

const page = [
  "---\neditLink: false\nlastUpdated: false\n---",
  "# Changelog",
  "All packages have the same version. Before 1.0, a breaking change is a minor version.",
  ...(announced.length > 0 ? ["## Not released yet", ...announced] : []),
  ...[...released].flatMap(([version, sections]) => [`## ${version}`, ...sections]),
];
writeFileSync(new URL("docs/changelog.md", root), `${page.join("\n\n")}\n`);
