import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type InspectorOptions, toInspector } from "../src/index.ts";
import { inChromium } from "../test/in-chromium.ts";
import { scene } from "../test/scene.ts";
import { serve } from "../test/serve.ts";

/** Chromium without a window shows every page, so the page is told. */
async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);
}

inChromium("changes in Chromium", (openAt) => {
  const { inbox, send } = scene();
  const servers: Awaited<ReturnType<typeof serve>>[] = [];

  /** Serves an inspector that counts its requests and its open streams. */
  async function counted(live: InspectorOptions["live"]) {
    const inspector = toInspector(inbox, {
      ...{ authorize: () => ({ name: "ada", can: "read", body: "shown" }), pollMs: 100 },
      ...(live && { live }),
    });
    const seen = { requests: 0, streams: 0 };
    const server = await serve({
      ...inspector,
      listener: (request, response) => {
        seen.requests++;
        if (request.url?.includes("api=live")) {
          seen.streams++;
          response.on("close", () => {
            seen.streams--;
          });
        }
        return inspector.listener(request, response);
      },
    });
    servers.push(server);
    return { seen, url: server.url };
  }
  const appears = (page: Page, recordId: string) => page.locator(".row", { hasText: recordId }).waitFor();

  beforeAll(() => send("CONVERSATION_STARTED", "evt_first", "rec_first"));
  afterAll(async () => {
    for (const { close } of servers) close();
    await inbox.close();
  });

  it("are asked for where the server cannot hold a stream", async () => {
    const { seen, url } = await counted("poll");
    const page = await openAt(url);
    await appears(page, "rec_first");
    await send("CONVERSATION_STARTED", "evt_polled", "rec_polled");
    await appears(page, "rec_polled");
    expect(seen.streams).toBe(0);
  });

  it("are asked for when no stream comes through", async () => {
    const { seen, url } = await counted("stream");
    const blocked: string[] = [];
    const page = await openAt(url, undefined, (opened) =>
      opened.route(/api=live/, (route) => {
        blocked.push(route.request().url());
        return route.fulfill({ status: 204 });
      }),
    );
    await appears(page, "rec_first");
    await send("CONVERSATION_STARTED", "evt_blocked", "rec_blocked");
    await appears(page, "rec_blocked");
    expect([seen.streams, blocked.length]).toEqual([0, 1]);
  });

  it("are not followed by a hidden page, which asks for nothing, and are there when it is shown again", async () => {
    const { seen, url } = await counted("poll");
    const page = await openAt(url, undefined, ({ clock }) => clock.install());
    await appears(page, "rec_first");
    await setHidden(page, true);
    await page.getByText("Not live").waitFor();
    await page.waitForLoadState("networkidle");
    await send("CONVERSATION_STARTED", "evt_hidden", "rec_hidden");
    const { requests } = seen;
    await page.clock.fastForward(600_000);
    expect([seen.requests, await page.locator(".row", { hasText: "rec_hidden" }).count()]).toEqual([requests, 0]);
    await setHidden(page, false);
    await appears(page, "rec_hidden");
    expect(seen.requests).toBeGreaterThan(requests);
  });

  it("have no stream while the page is hidden", async () => {
    const { seen, url } = await counted("stream");
    const page = await openAt(url);
    await appears(page, "rec_first");
    await expect.poll(() => seen.streams).toBe(1);
    await setHidden(page, true);
    await expect.poll(() => seen.streams).toBe(0);
    await send("CONVERSATION_STARTED", "evt_away", "rec_away");
    await setHidden(page, false);
    await appears(page, "rec_away");
    expect(seen.streams).toBe(1);
  });
});
