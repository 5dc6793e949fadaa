import type { Page } from "playwright-core";
import { beforeAll, expect, it, vi } from "vitest";
import { inChromium } from "./in-chromium.ts";

inChromium("the search", (open) => {
  let page: Page;
  beforeAll(async () => {
    page = await open("/guide/getting-started");
    // The keys do something once the scripts of the page run.
    await vi.waitFor(
      async () => {
        await page.keyboard.press("Control+k");
        expect(await page.locator(".VPLocalSearchBox input").isVisible()).toBe(true);
      },
      { timeout: 60_000, interval: 100 },
    );
  });

  it.each([
    ["gdpr", "/guide/personal-data"],
    ["rotate", "/guide/rotate-a-secret"],
    ["ngrok", "/guide/troubleshooting"],
    ["docker", "/guide/production"],
    ["vercel", "/guide/serverless"],
    ["kubernetes", "/guide/production"],
    ["logging", "/guide/production"],
    ["metrics", "/guide/telemetry"],
    ["dead letter", "/guide/record"],
    ["idempotency", "/guide/inbox"],
    ["retention", "/guide/personal-data"],
    ["wrong secret", "/guide/troubleshooting"],
  ])("finds first for %s: %s", async (words, path) => {
    await page.locator(".VPLocalSearchBox input").fill(words);
    const first = page.locator(".VPLocalSearchBox .result").first();
    const found = async () => new URL((await first.getAttribute("href")) ?? "", page.url()).pathname;
    await expect.poll(found, { timeout: 20_000 }).toBe(path);
  });
});
