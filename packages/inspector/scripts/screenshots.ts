// Writes the pictures of docs/guide/inspector.md: `node --conditions=@popp-webhooks/source scripts/screenshots.ts FOLDER`.
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";
import { toInspector } from "../src/index.ts";
import { chromiumPath } from "../test/chromium.ts";
import { scene } from "../test/scene.ts";
import { serve } from "../test/serve.ts";

const [, , folder = "screenshots"] = process.argv;
mkdirSync(folder, { recursive: true });
const { inbox, send } = scene();
for (let at = 0; at < 40; at++) {
  const recordId = at % 9 === 2 ? "flaky" : at % 11 === 5 ? "broken" : `conv_${1_000 + at}`;
  await send(at % 3 === 0 ? "CONVERSATION_COMPLETED" : "CONVERSATION_STARTED", `evt_${7_000 + at}`, recordId);
}
await send("CONVERSATION_STARTED", "evt_7000", "conv_1000");
while ((await inbox.stats()).counts.dead < 7) await new Promise((resolve) => setTimeout(resolve, 20));
const inspector = toInspector(inbox, {
  authorize: () => ({ name: "ada", can: "act", body: "reveal" }),
  environment: { name: "staging", color: "#b7791f" },
});
const { url, close } = await serve(inspector);
const browser = await chromium.launch({
  ...(chromiumPath && { executablePath: chromiumPath }),
  args: ["--no-sandbox"],
});
for (const colorScheme of ["light", "dark"] as const)
  for (const width of [1280, 390]) {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: width === 390 ? 844 : 860 } });
    page.on("console", (message) => console.log(message.type(), message.text()));
    page.on("pageerror", (error) => console.log("error", error.message));
    const shoot = (name: string) => page.screenshot({ path: `${folder}/${name}-${colorScheme}-${width}.png` });
    await page.goto(url);
    await page.locator(".row").first().waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    if (width === 390) await shoot("list");
    await page.goto(`${url}?state=dead&key=evt_7002`);
    await page.getByText("Attempt 2").waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    await shoot("event");
    await page.goto(`${url}?view=dead`);
    await page.locator(".groups li").first().waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    await shoot("dead");
    await page.close();
  }
await browser.close();
close();
await inbox.close();
