import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { toInspector } from "../src/index.ts";
import { inChromium } from "../test/in-chromium.ts";
import { requestScene } from "../test/requests.ts";
import { scene } from "../test/scene.ts";
import { serve } from "../test/serve.ts";

const MARKUP = `<img src=x onerror="alert('owned')"><script>alert("owned")</script><b id=owned>"'&amp;</b>`;
const INJECTED = "#app :is(img, script, #owned, iframe, a[href^=javascript])";
const hostile = (field: string) =>
  `${MARKUP}\u202e\u2066\u0000\u0007\u001b[31m\r\n${field} `.padEnd(1_048_576, "y \u202e");

inChromium("hostile texts in Chromium", (open, problems) => {
  const staged = scene(64 * 1_048_576);
  const { inbox, sendRaw } = staged;
  const { recordings, deliver } = requestScene(staged);
  const inspector = toInspector(inbox, {
    ...{ authorize: () => ({ name: MARKUP, can: "act", body: "shown" }), recordings, pollMs: 100 },
    environment: { name: "<b>\u202eprod", color: "#b7791f" },
  });
  let server: Awaited<ReturnType<typeof serve>>;
  const key = hostile("eventId").slice(0, 400);

  beforeAll(async () => {
    server = await serve(inspector);
    const [event, eventId, recordId] = ["event", "eventId", "recordId"].map(hostile);
    const fields = ["email", MARKUP, hostile("name").slice(0, 400)];
    const data = { recordId, ...Object.fromEntries(fields.map((name) => [name, hostile(name)])) };
    const eventTimestamp = new Date().toISOString();
    for (const id of [eventId, key])
      expect(await sendRaw(JSON.stringify({ event, eventId: id, eventTimestamp, data }))).toBe(200);
    await vi.waitFor(async () => expect((await inbox.stats()).counts.dead).toBe(2), 60_000);
    await deliver(Buffer.from(hostile("body")), [["x-hostile", MARKUP]], `/${encodeURI(MARKUP)}`);
  });
  afterAll(async () => {
    server?.close();
    await inbox.close();
  });

  it.each(["", "?view=dead", "?view=requests"])("are text in the list of %j, and the page goes on", async (query) => {
    const page = await open(`${server.url}${query}`);
    await page.locator(".row, .groups li").first().waitFor();
    await page.getByText("<img src=x onerror").first().waitFor();
    if (query === "") await page.getByText("its key is too long to open it").waitFor();
    expect([await page.locator(INJECTED).count(), await page.title()]).toEqual([0, "Inspector"]);
    await page.getByRole("link", { name: query === "" ? "Dead letters" : "Events" }).click();
    await page.locator(".row, .groups li").first().waitFor();
  });

  it("are text in an event, whose body is shown to its end", async () => {
    const page = await open(`${server.url}?${new URLSearchParams({ key })}`);
    const article = page.getByRole("article");
    await article.getByText("⟨U+202E⟩").first().waitFor();
    await article.getByText("⟨U+0007⟩").first().waitFor();
    expect(await article.textContent()).not.toMatch(/[\u202e\u2066]/);
    await article.getByRole("button", { name: "Raw" }).click();
    for (let clicks = 0; clicks < 2; clicks++) await article.getByRole("button", { name: /^Show [\d,]+ of/ }).click();
    await article.getByRole("button", { name: "Show less" }).click();
    await article.getByRole("button", { name: "Hex" }).click();
    await article.getByText("0000  7b 22").waitFor();
    expect(await page.locator(INJECTED).count()).toBe(0);
    await page.keyboard.press("Escape");
    await article.waitFor({ state: "detached" });
  });

  it("are text in a request", async () => {
    const page = await open(`${server.url}?view=requests`);
    await page.locator(".row").first().click();
    const article = page.getByRole("article");
    await article.getByText(MARKUP, { exact: true }).waitFor();
    for (let clicks = 0; clicks < 3; clicks++) await article.getByRole("button", { name: /^Show [\d,]+ of/ }).click();
    await article.getByRole("button", { name: "Show less" }).click();
    expect(await page.locator(INJECTED).count()).toBe(0);
  });

  it("are text in what an act says before it is sent", async () => {
    const page = await open(`${server.url}?${new URLSearchParams({ key })}`);
    await page.getByRole("button", { name: "Pause this name" }).click();
    await page.locator(".toast", { hasText: "Pause <img src=x" }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.locator(".toast").waitFor({ state: "detached" });
  });

  it("run no script where they become elements all the same: the policy forbids it", async () => {
    const page = await open(server.url);
    await page.evaluate((html) => document.getElementById("app")?.insertAdjacentHTML("beforeend", html), MARKUP);
    expect(await page.locator(INJECTED).count()).toBe(3);
    await expect.poll(() => problems.join()).toMatch(/inline event handler.*Content Security Policy/i);
    expect(problems.splice(0).join()).not.toContain("dialog");
  });

  it("would be noticed on a page without the policy", async () => {
    const unsafe = await serve({
      ...inspector,
      listener: (request, response) =>
        inspector.listener(request, {
          writeHead: (status, { "content-security-policy": _, ...headers }) => response.writeHead(status, headers),
          ...{ write: (chunk) => response.write(chunk), end: () => response.end() },
          on: (event, listener) => response.on(event, listener),
        }),
    });
    const page = await open(unsafe.url);
    await page.evaluate((html) => document.getElementById("app")?.insertAdjacentHTML("beforeend", html), MARKUP);
    await expect.poll(() => problems.join()).toContain("dialog: owned");
    problems.splice(0);
    await page.close();
    unsafe.close();
  });
});
