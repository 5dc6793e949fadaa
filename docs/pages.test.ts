import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { WebhookError, type WebhookErrorCode } from "@popp-webhooks/core";
import { describe, expect, it } from "vitest";
import { DOCS_ADDRESS } from "../packages/core/src/lib/page-of.ts";
import { homepage } from "./.vitepress/site.ts";
import { messagesSection } from "./scripts/messages.ts";

const errors = new URL("./errors/", import.meta.url);
const source = readFileSync(new URL("../packages/core/src/errors/webhook-error.ts", import.meta.url), "utf8");
const codes = [...source.matchAll(/^ {2}([A-Z_]+): (\d{3}),$/gm)].map(([, code]) => code as WebhookErrorCode);

describe("the pages of error codes", () => {
  it("exist for each code and for no others", () => {
    const pages = readdirSync(errors).map((file) => file.replace(".md", ""));
    expect(codes).toHaveLength(19);
    expect(pages.filter((name) => name !== "index").sort()).toEqual([...codes].sort());
  });

  it.each(codes.filter((code) => code !== "CONFIG_INVALID"))(
    "%s: the page says the status that the code has",
    (code) => {
      const { status } = new WebhookError(code, "");
      expect(readFileSync(new URL(`${code}.md`, errors), "utf8")).toContain(`**Status:** ${status}\n`);
      expect(readFileSync(new URL("index.md", errors), "utf8")).toContain(`| [${code}](./${code}.md) | ${status} |`);
    },
  );
});

it("the lines on the console name the pages of this site", () => {
  expect(DOCS_ADDRESS).toBe(homepage === undefined ? "" : homepage.replace(/\/?$/, "/"));
});

describe("the messages on the page of an error code", () => {
  it.each(codes)("%s: are those of the sources. `pnpm --filter @popp-webhooks/docs messages` writes them", (code) => {
    const section = messagesSection(code);
    expect(section).toContain("\n- ");
    expect(readFileSync(new URL(`${code}.md`, errors), "utf8").split(/(?=## Messages)/)[1]).toBe(section);
  });
});

describe("the sidebar", () => {
  it("links to existing pages", () => {
    const config = readFileSync(new URL(".vitepress/sidebar.ts", import.meta.url), "utf8");
    const links = [...config.matchAll(/page\("[^"]+", "\/([^"]*)"\)/g)]
      .map(([, link = ""]) => link)
      .filter((link) => !/^(api\/|events\/|changelog$)/.test(link));
    for (const link of links) {
      const file = link === "examples/" ? "examples/README.md" : link.endsWith("/") ? `${link}index.md` : `${link}.md`;
      expect([link, existsSync(new URL(file, import.meta.url))]).toEqual([link, true]);
    }
    expect(links.length).toBeGreaterThan(15);
  });

  it("has a link to every decision", () => {
    const config = readFileSync(new URL(".vitepress/sidebar.ts", import.meta.url), "utf8");
    const overview = readFileSync(new URL("architecture.md", import.meta.url), "utf8");
    const decisions = readdirSync(new URL("decisions/", import.meta.url)).map((file) => file.replace(".md", ""));
    expect(decisions.filter((name) => !config.includes(`"/decisions/${name}"`))).toEqual([]);
    expect(decisions.filter((name) => !overview.includes(`(./decisions/${name}.md)`))).toEqual([]);
  });
});

describe("the page of seen and assumed facts", () => {
  const page = readFileSync(new URL("guide/seen-and-assumed.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| ([^|]+) \| [^|]+ \| (seen|assumed) \|$/gm)].map(([, topic, how]) => [topic, how]);

  it.each([
    ["duplicates", "seen"],
    ["a repeat", "assumed"],
    ["form of the secret", "assumed"],
    ["overlap of a rotation", "assumed"],
    ["name and body of test deliveries", "assumed"],
    ["IP ranges", "assumed"],
    ["other headers", "assumed"],
    ["types of fields", "seen"],
    ["`meetingDetails`", "seen"],
  ])("has a row on %s: %s", (topic, how) => {
    expect(rows).toContainEqual([topic, how]);
  });
});

describe("the index of examples", () => {
  it("lists exactly the examples", () => {
    const folder = new URL("examples/", import.meta.url);
    const examples = readdirSync(folder).filter((name) => existsSync(new URL(`${name}/package.json`, folder)));
    const index = readFileSync(new URL("README.md", folder), "utf8");
    expect([...index.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name)).toEqual(examples.sort());
  });
});

describe.each(["CONTRIBUTING.md", "docs/architecture.md"])("%s", (page) => {
  it("names files that exist", () => {
    const text = readFileSync(new URL(`../${page}`, import.meta.url), "utf8");
    const paths = [...text.matchAll(/(?<=[`( ])(?:packages|docs|\.ci)\/[\w./-]*\w/g)].map(([path]) => path);
    const missing = paths.filter((path) => !existsSync(new URL(`../${path}`, import.meta.url)));
    expect(missing.filter((path) => path !== "docs/errors/THE_CODE.md")).toEqual([]);
    expect(paths.length).toBeGreaterThan(2);
  });
});

describe("the code of the pages", () => {
  const WIDTH = 66;
  const root = new URL("../", import.meta.url).pathname;
  const isPage = (file: string) =>
    !/node_modules|dist\/|docs\/api|examples\/.+\/|benchmarks|docs\/(events|changelog)/.test(file);
  const pages = globSync(["README.md", "docs/**/*.md", "packages/*/README.md"], { cwd: root }).filter(isPage);

  it(`has no line that is wider than a page: ${WIDTH} columns`, () => {
    const wide = pages.flatMap((page) => {
      const blocks = readFileSync(`${root}${page}`, "utf8").matchAll(/^```\w[^\n]*\n([\s\S]*?)^```/gm);
      const lines = [...blocks].flatMap(([, code = ""]) => code.split("\n"));
      return lines.filter((line) => line.length > WIDTH).map((line) => `${page}: ${line}`);
    });
    const shown = pages.flatMap((page) =>
      [...readFileSync(`${root}${page}`, "utf8").matchAll(/^<<< (\S+)/gm)].map(([, file = ""]) =>
        join(page, "..", file),
      ),
    );
    for (const file of new Set(shown)) {
      const lines = readFileSync(`${root}${file}`, "utf8").split("\n");
      wide.push(...lines.filter((line) => line.length > WIDTH).map((line) => `${file}: ${line}`));
    }
    // An import of one name has no shorter form.
    expect(wide.filter((line) => !/: import .* from "[^"]+";$/.test(line))).toEqual([]);
    expect(pages.length).toBeGreaterThan(60);
  });
});
