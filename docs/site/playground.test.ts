import { AxeBuilder } from "@axe-core/playwright";
import { fixture, signPayload } from "@popp-webhooks/testing";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { inChromium } from "./in-chromium.ts";
import { fileOf } from "./serve-site.ts";

const SECRET = "s3cret-of-the-playground";
const MARK = "mark-of-the-body";
const event = fixture("CONVERSATION_STARTED", { data: { candidateId: MARK } });
const body = JSON.stringify(event, null, 2);

/** Runs in the page: everything that a page can keep. */
const kept = `(async () => JSON.stringify([
  { ...localStorage }, { ...sessionStorage }, document.cookie, history.state, location.href, window.name, document.title,
  await indexedDB.databases(), await caches.keys(), (await navigator.serviceWorker.getRegistrations()).length,
]))()`;

inChromium("the playground", (open) => {
  const verdict = (page: Page) => page.getByRole("status", { name: "Verdict" });
  const secretField = (page: Page) => page.getByLabel("Signing secret");
  const bodyField = (page: Page) => page.getByLabel("The body as text");

  async function openPlayground(options: Parameters<typeof open>[1] = {}): Promise<Page> {
    const page = await open("/playground", options);
    await page.getByLabel("Its JSON").waitFor();
    await bodyField(page).waitFor();
    return page;
  }

  async function give(page: Page, secret: string): Promise<string> {
    const signature = await signPayload(body, SECRET);
    await bodyField(page).fill(body);
    await page.getByLabel("Signature", { exact: true }).fill(signature);
    await secretField(page).fill(secret);
    return signature;
  }

  const drop = (page: Page, bytes: readonly number[]) =>
    page.locator(".playground .body").evaluate((target, content) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([Uint8Array.from(content)], "body.json"));
      target.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    }, bytes);

  const paste = (page: Page, text: string) =>
    bodyField(page).evaluate((target, pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", pasted);
      target.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }, text);

  it("sends nothing and keeps nothing while everything is used", async () => {
    const page = await openPlayground();
    const sent: { url: string; method: string; hasData: boolean }[] = [];
    const listed = await page.context().newCDPSession(page);
    await listed.send("Network.enable");
    listed.on("Network.webSocketCreated", ({ url }) => sent.push({ url, method: "WebSocket", hasData: true }));
    page.context().on("request", (request) => {
      sent.push({ url: request.url(), method: request.method(), hasData: request.postData() !== null });
    });
    const before = (await page.evaluate(kept)) as string;
    const signature = await give(page, `${SECRET} `);
    await expect.poll(() => verdict(page).textContent()).toContain("secret-whitespace");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await secretField(page).fill(SECRET);
    await expect.poll(() => verdict(page).textContent()).toContain("Genuine");
    await page.getByText("Show the bytes").click();
    await page.getByLabel("Event", { exact: true }).selectOption("DOCUMENT_UPLOADED");
    await page.getByLabel("Its JSON").fill(body.replace(`"${MARK}"`, "5"));
    await page.getByText("data.candidateId: expected a string, got a number.").waitFor();
    await page.getByRole("button", { name: "Verify this delivery above" }).click();
    await page.getByRole("button", { name: "Copy: A signed delivery" }).click();
    await page.getByLabel("Base64").check();
    await page.getByLabel("The body in base64").fill(btoa(body));
    await page.getByLabel("curl command", { exact: true }).check();
    await page.getByLabel("A curl command that sends it").fill(`curl -H 'x-signature: ${signature}' -d '${body}'`);
    await expect.poll(() => verdict(page).textContent()).toContain("Genuine");
    expect(await page.evaluate(kept)).toBe(before);
    expect([SECRET, MARK, signature].filter((word) => before.includes(word))).toEqual([]);
    const { cookies, origins } = await page.context().storageState();
    expect(JSON.stringify([cookies, origins])).not.toMatch(new RegExp(`${SECRET}|${MARK}|${signature}`));
    // Files of the site may be fetched ahead for links that come into view; they carry nothing.
    const { origin } = new URL(page.url());
    const strange = sent.filter(({ url, method, hasData }) => {
      const { pathname, search, origin: to } = new URL(url);
      return to !== origin || method !== "GET" || hasData || search !== "" || fileOf(pathname) === undefined;
    });
    expect(strange).toEqual([]);
  });

  it("cannot connect: its policy forbids it", async () => {
    const page = await openPlayground();
    expect(await page.evaluate("fetch('/favicon.svg').then(() => 'sent', () => 'refused')")).toBe("refused");
    const refused = `new Promise((done) => {
      addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
      new Image().src = "https://elsewhere.example/?secret";
    })`;
    expect(await page.evaluate(refused)).toBe("img-src");
  });

  it("forgets when it is left, and the next page is loaded afresh", async () => {
    const page = await openPlayground();
    await give(page, SECRET);
    await page.evaluate("window.isOld = true");
    await page.locator('.vp-doc a[href$="/guide/diagnose"]').click();
    await page.getByRole("heading", { name: "Diagnose a mismatch" }).waitFor();
    await expect.poll(() => page.evaluate("window.isOld ?? 'new'").catch(() => "")).toBe("new");
    expect(await page.evaluate("fetch('/favicon.svg').then(({ status }) => status)")).toBe(200);
    await page.goBack();
    await bodyField(page).waitFor();
    expect([await secretField(page).inputValue(), await bodyField(page).inputValue()]).toEqual(["", ""]);
    await give(page, SECRET);
    await page.reload();
    await bodyField(page).waitFor();
    expect([await secretField(page).inputValue(), await bodyField(page).inputValue()]).toEqual(["", ""]);
    for (const field of await page.locator(".playground :is(input, textarea, select)").all())
      expect(await field.getAttribute("autocomplete")).toBe("off");
  });

  it("is not loaded by other pages", async () => {
    const page = await open("/guide/diagnose");
    const scripts: string[] = [];
    page.on("requestfinished", (request) => scripts.push(request.url()));
    await page.reload({ waitUntil: "networkidle" });
    await page.locator('.VPSidebar a[href$="/playground"]').hover();
    await page.waitForLoadState("networkidle");
    expect(scripts.length).toBeGreaterThan(3);
    expect(scripts.filter((url) => /verify-delivery|try-event/.test(url))).toEqual([]);
    await page.locator('.VPSidebar a[href$="/playground"]').click();
    await bodyField(page).waitFor();
    await expect.poll(() => scripts.filter((url) => /verify-delivery|try-event/.test(url)).length).toBe(2);
    expect(await page.evaluate("fetch('/favicon.svg').then(() => 'sent', () => 'refused')")).toBe("refused");
  });

  it("holds bytes that a text area would change", async () => {
    const page = await openPlayground();
    const exact = "\ufeff{}\r\n";
    await page.getByLabel("Signature", { exact: true }).fill(await signPayload(exact, SECRET));
    await secretField(page).fill(SECRET);
    await paste(page, exact);
    await page.getByText("A text area cannot keep a byte order mark at the start and CRLF line ends").waitFor();
    await expect.poll(() => verdict(page).textContent()).toContain("Genuine");
    await page.getByText("7 bytes (0x7)").waitFor();
    await page.getByRole("button", { name: "Clear everything" }).click();
    const binary = [0xff, 0, 0x0d];
    await page.getByLabel("Signature", { exact: true }).fill(await signPayload(Uint8Array.from(binary), SECRET));
    await secretField(page).fill(SECRET);
    await drop(page, binary);
    await page.getByText("3 bytes (0x3), with bytes that are not UTF-8").waitFor();
    await expect.poll(() => verdict(page).textContent()).toContain("PAYLOAD_MALFORMED");
    await page.getByText("Show the bytes").click();
    await page.getByText("0000  ff 00 0d").waitFor();
  });

  it("asks for the file of a curl command, and takes out what curl takes out", async () => {
    const page = await openPlayground();
    const signature = await signPayload("{}", SECRET);
    await page.getByLabel("curl command", { exact: true }).check();
    const command = page.getByLabel("A curl command that sends it");
    await command.fill('curl -d "$BODY"');
    await page.getByText("the variable $BODY").waitFor();
    await command.fill(`curl -H 'x-signature: ${signature}' -d @body.json`);
    await page.getByText("The body is in body.json").waitFor();
    await secretField(page).fill(SECRET);
    await drop(page, [...Buffer.from("{\n}")]);
    await page.getByText("2 bytes (0x2)").waitFor();
    await expect.poll(() => verdict(page).textContent()).toContain("Genuine");
  });

  it("can be used with the keyboard alone", async () => {
    const page = await openPlayground();
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await page.getByLabel("Text", { exact: true }).focus();
    await press("Tab");
    await page.keyboard.insertText("{}");
    await press("Tab", "Tab");
    await page.keyboard.insertText(await signPayload("{}", SECRET));
    await press("Tab", "Tab");
    await page.keyboard.insertText(SECRET);
    await press("Enter");
    await expect.poll(() => verdict(page).textContent()).toContain("Genuine");
  });

  for (const colorScheme of ["light", "dark"] as const)
    it(`gives axe nothing to find in ${colorScheme}, and is no wider than a phone`, async () => {
      const page = await openPlayground({ colorScheme, reducedMotion: "reduce" });
      for (const [width, secret] of [
        [1280, SECRET],
        [390, `${SECRET}x`],
      ] as const) {
        await page.setViewportSize({ width, height: 844 });
        await give(page, secret);
        await expect.poll(() => verdict(page).textContent()).toContain(width === 390 ? "Not genuine" : "Genuine");
        await page.getByLabel("Its JSON").fill(width === 390 ? "{" : "{}");
        await page
          .getByText(width === 390 ? "Refused" : "Unrecognized", { exact: false })
          .first()
          .waitFor();
        const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
        expect(violations.map(({ id, nodes }) => [width, id, nodes.map(({ html }) => html)])).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
      }
    });
});
