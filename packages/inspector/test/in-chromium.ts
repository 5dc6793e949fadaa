import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import { chromiumPath } from "../../core/runtime/chromium-path.ts";
import { launch } from "./launch.ts";

/** Opens an address in a context of its own. */
export type Open = (url: string, options?: BrowserContextOptions) => Promise<Page>;

/** Describes pages in Chromium. A test fails when its page said or threw an error, or opened a dialog. */
export function inChromium(name: string, define: (open: Open) => void): void {
  const isRequired = Boolean(process.env.CI || process.env.REQUIRE_BROWSER || process.env.REQUIRE_SERVICES);
  if (chromiumPath === undefined) console.warn("The inspector's page is not tested: there is no Chromium on the PATH.");
  describe.skipIf(chromiumPath === undefined && !isRequired)(name, () => {
    let browser: Browser;
    let problems: string[] = [];

    beforeAll(async () => {
      browser = await launch();
    });
    afterEach(async () => {
      for (const context of browser.contexts()) await context.close();
      const found = problems;
      problems = [];
      expect(found).toEqual([]);
    });
    afterAll(() => browser?.close());

    define(async (url, options) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
      const page = await context.newPage();
      page.on("pageerror", ({ message }) => problems.push(message));
      page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
      page.on("dialog", async (dialog) => {
        problems.push(`dialog: ${dialog.message()}`);
        await dialog.dismiss();
      });
      await page.goto(url);
      await page.getByText("Live", { exact: true }).waitFor();
      return page;
    });
  });
}
