import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import { chromiumPath } from "../../core/runtime/chromium-path.ts";
import { launch } from "./launch.ts";

/** Opens an address in a context of its own; `prepare` gets the page before it. */
export type Open = (
  url: string,
  options?: BrowserContextOptions,
  prepare?: (page: Page) => Promise<unknown>,
) => Promise<Page>;

/** Describes pages in Chromium. A test fails when its page said or threw an error, or opened a dialog, unless it takes that out of `problems`. */
export function inChromium(name: string, define: (open: Open, problems: string[]) => void): void {
  const isRequired = Boolean(process.env.CI || process.env.REQUIRE_BROWSER || process.env.REQUIRE_SERVICES);
  if (chromiumPath === undefined) console.warn("The inspector's page is not tested: there is no Chromium on the PATH.");
  describe.skipIf(chromiumPath === undefined && !isRequired)(name, () => {
    let browser: Browser;
    const problems: string[] = [];

    beforeAll(async () => {
      browser = await launch();
    });
    afterEach(async () => {
      for (const context of browser.contexts()) await context.close();
      expect(problems.splice(0)).toEqual([]);
    });
    afterAll(() => browser?.close());

    define(async (url, options, prepare) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(120_000);
      page.on("pageerror", ({ message }) => problems.push(message));
      page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
      page.on("dialog", async (dialog) => {
        problems.push(`dialog: ${dialog.message()}`);
        await dialog.dismiss();
      });
      await prepare?.(page);
      await page.goto(url);
      await page.getByText("Live", { exact: true }).waitFor();
      return page;
    }, problems);
  });
}
