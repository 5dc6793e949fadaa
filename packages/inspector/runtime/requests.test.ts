import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { toInspector } from "../src/index.ts";
import { expectAccessible } from "../test/expect-accessible.ts";
import { inChromium } from "../test/in-chromium.ts";
import { requestScene } from "../test/requests.ts";
import { scene } from "../test/scene.ts";
import { serve } from "../test/serve.ts";

inChromium("the requests in Chromium", (openAt) => {
  const staged = scene();
  const { recordings, genuine, forged, unsigned, parsed, binary } = requestScene(staged);
  const inspector = toInspector(staged.inbox, {
    authorize: () => ({ name: "dev", can: "act", body: "shown" }),
    recordings,
    pollMs: 100,
  });
  let server: Awaited<ReturnType<typeof serve>>;
  const open = (query = "") => openAt(`${server.url}?view=requests${query}`);
  const rowsOf = (page: Page) => page.locator(".row .sub").allTextContents();
  const choose = async (page: Page, text: string) => {
    await page.locator(".row", { hasText: text }).first().click();
    await page.getByRole("article").waitFor();
  };

  beforeAll(async () => {
    server = await serve(inspector);
    await genuine("evt_1");
    await binary(Uint8Array.of(0, 159, 146, 150, 65));
    await unsigned("evt_2");
    await forged("evt_3");
    await parsed("evt_4");
  });
  afterAll(async () => {
    server?.close();
    await staged.inbox.close();
  });

  it("are all listed, with verdict and explanation, and new ones without a reload", async () => {
    const page = await open();
    await expect
      .poll(async () => (await rowsOf(page)).map((text) => text.replace(/\d+ ms/, "")))
      .toEqual(["401wrong signature", "401wrong signature", "401no signature", "400genuine", "200genuine"]);
    await page.locator(".row", { hasText: "parsed and serialized again" }).waitFor();
    await genuine("evt_new");
    await expect.poll(async () => (await rowsOf(page))[0]).toContain("200genuine");
  });

  it("say why they were refused, what was sent and what was answered", async () => {
    const page = await open();
    await choose(page, "parsed and serialized again");
    const article = page.getByRole("article");
    await article.getByText(/express\.json/).waitFor();
    const [sent, answered] = await article.locator(".pairs").all();
    const names = (await sent?.locator("dt").allTextContents()) ?? [];
    expect(names).toEqual(["host", "user-agent", "content-type", "x-empty", "x-signature", "accept"]);
    expect(await sent?.locator("dd").nth(3).textContent()).toBe("(empty)");
    expect(await answered?.locator("dt").allTextContents()).toContain("content-type");
    await article.getByText(/^401 in \d+ ms$/).waitFor();
    expect(await article.getByLabel("Answer").textContent()).toContain('"code": "SIGNATURE_MISMATCH"');
  });

  it("show a body pretty, raw and in hex", async () => {
    const page = await open();
    await choose(page, "200");
    const block = page.locator(".block").first();
    const form = (name: string) => page.getByRole("button", { name }).first().click();
    await expect.poll(() => block.textContent()).toMatch(/^\{\n {2}"event": "CONVERSATION_STARTED"/);
    await form("Raw");
    await expect.poll(() => block.textContent()).toMatch(/^\{ "event": "CONVERSATION_STARTED"/);
    await form("Hex");
    await expect.poll(() => block.textContent()).toMatch(/^0000 {2}7b 20 22 65 76 65 6e 74 .*\{ "event": "CONV\n0010/);
  });

  it("show a binary body in hex", async () => {
    const page = await open();
    await choose(page, "400");
    expect(await page.locator(".block").first().textContent()).toMatch(/^0000 {2}00 9f 92 96 41 +····A$/);
  });

  it("have their filters in the address", async () => {
    const page = await open("&answer=refused&find=no+signature");
    await expect.poll(() => page.locator(".row").count()).toBe(1);
    await page.getByLabel("Path, status, verdict or key").fill("wrong");
    await expect.poll(() => page.locator(".row").count()).toBe(2);
    await page.getByRole("link", { name: "Accepted" }).click();
    await page.getByText("No request matches.").waitFor();
    const { searchParams } = new URL(page.url());
    expect([searchParams.get("answer"), searchParams.get("find")]).toEqual(["accepted", "wrong"]);
    await page.goBack();
    await expect.poll(() => page.locator(".row").count()).toBe(2);
  });

  it("are used with the keyboard alone", async () => {
    const page = await open("&answer=refused");
    await page.locator(".row").first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("article").waitFor();
    expect(page.url()).toContain(await page.locator(".row").nth(1).getAttribute("href"));
    await page.keyboard.press("Escape");
    await page.getByRole("article").waitFor({ state: "detached" });
    expect(
      await page
        .locator(".row")
        .nth(1)
        .evaluate((row) => row === document.activeElement),
    ).toBe(true);
  });

  it("lead to their event", async () => {
    const page = await open();
    await page.locator(".row", { hasText: "200" }).last().click();
    await page.getByRole("button", { name: "Show the event" }).click();
    await page.getByRole("article", { name: "Event" }).getByText("evt_1", { exact: true }).first().waitFor();
    expect(new URL(page.url()).search).toBe("?key=evt_1");
  });

  it("give axe nothing to find", async () => {
    const page = await open();
    await choose(page, "wrong signature");
    await expectAccessible(page);
  });
});
