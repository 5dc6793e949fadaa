import type { BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type AccessEntry, toInspector } from "../src/index.ts";
import { expectAccessible } from "../test/expect-accessible.ts";
import { inChromium } from "../test/in-chromium.ts";
import { scene } from "../test/scene.ts";
import { serve } from "../test/serve.ts";

inChromium("the page in Chromium", (openAt) => {
  const { inbox, send, mend } = scene();
  const entries: AccessEntry[] = [];
  const inspector = toInspector(inbox, {
    authorize: () => ({ name: "ada", can: "act", body: "reveal" }),
    onAccess: (entry) => entries.push(entry),
    pollMs: 100,
    environment: { name: "test", color: "#b7791f" },
  });
  let server: Awaited<ReturnType<typeof serve>>;
  const open = (query = "", options: BrowserContextOptions = {}) => openAt(`${server.url}${query}`, options);

  const stateOf = async (id: string) => (await inbox.get(id))?.state;
  const becomes = (id: string, state: string) =>
    vi.waitFor(async () => expect(await stateOf(id)).toBe(state), { timeout: 60_000, interval: 20 });

  beforeAll(async () => {
    server = await serve(inspector);
    await send("CONVERSATION_STARTED", "evt_ok");
    await send("CONVERSATION_STARTED", "evt_flaky", "flaky");
    await send("CONVERSATION_STARTED", "evt_flaky_2", "flaky");
    await send("CONVERSATION_COMPLETED", "evt_broken", "broken");
    for (const id of ["evt_flaky", "evt_flaky_2", "evt_broken"]) await becomes(id, "dead");
  });
  afterAll(async () => {
    server?.close();
    await inbox.close();
  });

  it("shows a delivery without a reload", async () => {
    const page = await open();
    await send("CONVERSATION_STARTED", "evt_new", "rec_new");
    await page.locator(".row", { hasText: "rec_new" }).waitFor();
  });

  it("keeps all pages that were read when something changes", async () => {
    for (let at = 0; at < 260; at++) await send("CONVERSATION_COMPLETED", `evt_many_${at}`, `rec_many_${at}`);
    const page = await open("?event=CONVERSATION_COMPLETED");
    const rows = page.locator(".row");
    for (const count of [50, 100, 150, 200, 250]) {
      await expect.poll(() => rows.count()).toBe(count);
      await page.getByRole("button", { name: "Show more" }).click();
    }
    await expect.poll(() => rows.count()).toBe(261);
    await send("CONVERSATION_COMPLETED", "evt_on_top", "rec_on_top");
    await rows.first().getByText("rec_on_top").waitFor();
    expect(await rows.count()).toBe(262);
  });

  it("has its filters in the address", async () => {
    const page = await open("?state=dead&recordId=broken");
    await expect.poll(() => page.locator(".row").count()).toBe(1);
    await page.getByLabel("Record id").fill("flaky");
    await expect.poll(() => page.locator(".row").count()).toBe(2);
    expect(page.url()).toContain("recordId=flaky");
  });

  it("is used with the keyboard alone", async () => {
    const page = await open("?state=dead");
    await page.locator(".row").first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("article").waitFor();
    const second = await page.locator(".row").nth(1).getAttribute("href");
    expect(new URL(page.url()).search).toBe(new URL(second ?? "", server.url).search);
    await page.keyboard.press("Escape");
    await page.getByRole("article").waitFor({ state: "detached" });
  });

  it("reveals the values of one event, reported", async () => {
    const page = await open("?key=evt_flaky");
    await page.getByText("Attempt 2: failed").waitFor();
    expect(await page.content()).not.toContain("jane@example.com");
    await page.getByRole("button", { name: "Reveal values" }).click();
    await page.getByText("The CRM of jane@example.com is away.").first().waitFor();
    expect(entries).toMatchObject([{ action: "reveal", target: "evt_flaky" }]);
  });

  it("gives axe nothing to find, in both schemes and widths", async () => {
    const page = await open("?view=dead");
    const views = { "?": ".row", "?view=dead": ".groups li", "?state=dead&key=evt_flaky": "article" };
    for (const [query, shown] of Object.entries(views)) {
      await page.goto(`${server.url}${query}`);
      await page.locator(shown).first().waitFor();
      await expectAccessible(page);
    }
  });

  it("sends nothing when the act is undone or the page is left, and then redrives the group that it counted", async () => {
    mend();
    const page = await open("?view=dead");
    const group = page.locator(".groups li", { hasText: "TypeError" });
    const start = async () => {
      await group.getByRole("button", { name: "Redrive…" }).click();
      await group.getByRole("button", { name: "Redrive 2 events" }).click();
      await page.getByText(/Redrive 2 events: in \d s/).waitFor();
    };
    await page.clock.install();
    await start();
    await page.getByRole("button", { name: "Undo" }).click();
    await start();
    await page.reload();
    await page.clock.fastForward(10_000);
    expect(await stateOf("evt_flaky")).toBe("dead");
    await start();
    await page.clock.fastForward(10_000);
    await becomes("evt_flaky", "done");
    await becomes("evt_flaky_2", "done");
    expect(await stateOf("evt_broken")).toBe("dead");
    await page.goto(`${server.url}?key=evt_flaky`);
    const titles = page.locator(".history b");
    await expect
      .poll(() => titles.allTextContents())
      .toEqual(["Received", "Attempt 1: failed", "Attempt 2: failed", "Redriven by an operator", "Attempt 1: done"]);
  });
});
