import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { pages } from "./pages.ts";
import { fileOf } from "./serve-site.ts";

const ids = new Map<string, ReadonlySet<string>>();
function idsOf(file: string): ReadonlySet<string> {
  const known = ids.get(file);
  if (known) return known;
  const found = new Set([...readFileSync(file, "utf8").matchAll(/\sid="([^"]+)"/g)].map(([, id = ""]) => id));
  ids.set(file, found);
  return found;
}

/** Why a link leads nowhere; undefined for one that is fine, or leaves the site. */
function problemOf(link: string, from: string): string | undefined {
  const { origin, pathname, hash } = new URL(link.replaceAll("&amp;", "&"), `http://site${from}`);
  if (origin !== "http://site") return undefined;
  const file = fileOf(pathname);
  if (file === undefined) return `${from}: ${link} does not exist`;
  const id = decodeURIComponent(hash.slice(1));
  return id === "" || idsOf(file).has(id) ? undefined : `${from}: ${link} has no such heading`;
}

const links = pages.flatMap(({ path, html }) =>
  [...html.matchAll(/<(?:a|img|link|script)\s[^>]*?(?:href|src)="([^"]+)"/g)].map(([, link = ""]) => ({ path, link })),
);

it("every link and anchor inside the site leads somewhere", () => {
  expect(links.flatMap(({ path, link }) => problemOf(link, path) ?? [])).toEqual([]);
  expect(links.length).toBeGreaterThan(5_000);
});

it("each page is there as Markdown, and llms.txt lists them", () => {
  const list = readFileSync(fileOf("/llms.txt") ?? "", "utf8");
  const missing = pages
    .filter(({ path }) => path !== "/")
    .map(({ path }) => `${path.replace(/\/$/, "")}.md`)
    .filter((path) => fileOf(path) === undefined || !list.includes(`(${path})`));
  expect(missing).toEqual([]);
  expect(readFileSync(fileOf("/llms-full.txt") ?? "", "utf8")).toContain("createInbox");
});
