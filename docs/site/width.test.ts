import { globSync, readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { inChromium } from "./in-chromium.ts";
import { pages } from "./pages.ts";

/** Runs in the page. */
const measure = `(() => {
  const wide = (selector) => [...document.querySelectorAll(selector)]
    .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
    .map((element) => element.textContent.trim().slice(0, 60));
  return {
    page: document.documentElement.scrollWidth - innerWidth,
    code: wide(".vp-doc pre"),
    tables: [...document.querySelectorAll(".vp-doc table")]
      .filter((table) => table.getBoundingClientRect().width > table.parentElement.clientWidth + 1)
      .map((table) => table.textContent.trim().slice(0, 60)),
    unstacked: [...document.querySelectorAll(".vp-doc td")].filter((cell) => getComputedStyle(cell).display === "table-cell").length,
    diagrams: [...document.querySelectorAll(".vp-doc .diagram img")].map((image) => image.getBoundingClientRect().width / image.naturalWidth),
  };
})()`;

interface Measured {
  readonly page: number;
  readonly code: readonly string[];
  readonly tables: readonly string[];
  readonly unstacked: number;
  readonly diagrams: readonly number[];
}

/** The smallest letters of the diagrams, in units of their own. */
const smallest = Math.min(
  ...globSync("../*.svg", { cwd: import.meta.dirname }).flatMap((file) =>
    [...readFileSync(new URL(file, import.meta.url), "utf8").matchAll(/font: (?:\d00 )?(\d+)px/g)].map(([, size]) =>
      Number(size),
    ),
  ),
);

inChromium("the width of the site", (open) => {
  /** What is wrong on each page. The text of the build is enough: nothing here needs its scripts. */
  async function everyPage(width: number, check: (measured: Measured) => readonly string[]): Promise<string[]> {
    const page: Page = await open("/", { viewport: { width, height: 860 }, javaScriptEnabled: false });
    const { origin } = new URL(page.url());
    const found: string[] = [];
    for (const { path } of pages) {
      await page.goto(`${origin}${path}`);
      found.push(...check((await page.evaluate(measure)) as Measured).map((problem) => `${path}: ${problem}`));
    }
    return found;
  }

  it("at 1280 px no page, no code and no table scrolls sideways", async () => {
    const found = await everyPage(1280, ({ page, code, tables }) => [
      ...(page > 0 ? [`wider than the screen by ${page} px`] : []),
      ...[...code, ...tables].map((text) => `scrolls: ${text}`),
    ]);
    expect(found).toEqual([]);
  });

  it("at 390 px no page scrolls sideways, tables stack, and diagrams have letters of 12 px", async () => {
    const found = await everyPage(390, ({ page, tables, unstacked, diagrams }) => [
      ...(page > 0 ? [`wider than the screen by ${page} px`] : []),
      ...tables.map((text) => `too wide: ${text}`),
      ...(unstacked > 0 ? [`${unstacked} cells side by side`] : []),
      ...diagrams.filter((scale) => scale * smallest < 12).map((scale) => `letters of ${scale * smallest} px`),
    ]);
    expect(found).toEqual([]);
  });
});
