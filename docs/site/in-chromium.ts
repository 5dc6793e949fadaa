import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe } from "vitest";
import { chromiumPath } from "../../packages/core/runtime/chromium-path.ts";
import { launch } from "../../packages/inspector/test/launch.ts";
import { serveSite } from "./serve-site.ts";

/** Opens a page of the site, in a context of its own. */
export type Open = (path: string, options?: BrowserContextOptions) => Promise<Page>;

/** Describes the built site in Chromium. */
export function inChromium(name: string, define: (open: Open) => void): void {
  const isRequired = Boolean(process.env.CI || process.env.REQUIRE_BROWSER);
  if (chromiumPath === undefined) console.warn(`${name} is not tested: there is no Chromium on the PATH.`);
  describe.skipIf(chromiumPath === undefined && !isRequired)(name, () => {
    let browser: Browser;
    let site: Awaited<ReturnType<typeof serveSite>>;
    beforeAll(async () => {
      [browser, site] = await Promise.all([launch(), serveSite()]);
    });
    afterAll(async () => {
      await browser?.close();
      site?.close();
    });
    define(async (path, options) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
      const page = await context.newPage();
      await page.goto(`${site.origin}${path}`);
      return page;
    });
  });
}
