// Writes the pictures of docs/guide/inspector.md: `node --conditions=@popp-webhooks/source scripts/screenshots.ts FOLDER`.
import { mkdirSync } from "node:fs";
import { toInspector } from "../src/index.ts";
import { launch } from "../test/launch.ts";
import { requestScene } from "../test/requests.ts";
import { scene } from "../test/scene.ts";
import { serve } from "../test/serve.ts";

const [, , folder = "screenshots"] = process.argv;
mkdirSync(folder, { recursive: true });
const staged = scene();
const { inbox, send } = staged;
const { recordings, genuine, forged, unsigned, parsed, binary } = requestScene(staged);
for (let at = 0; at < 40; at++) {
  const recordId = at % 9 === 2 ? "flaky" : at % 11 === 5 ? "broken" : `conv_${1_000 + at}`;
  await send(at % 3 === 0 ? "CONVERSATION_COMPLETED" : "CONVERSATION_STARTED", `evt_${7_000 + at}`, recordId);
}
await send("CONVERSATION_STARTED", "evt_7000", "conv_1000");
while ((await inbox.stats()).counts.dead < 7) await new Promise((resolve) => setTimeout(resolve, 20));
for (const eventId of ["evt_8001", "evt_8002", "evt_8003"]) await genuine(eventId);
await binary(Uint8Array.from({ length: 300 }, (_, at) => (at * 37) % 256));
await unsigned("evt_8004");
for (const eventId of ["evt_8005", "evt_8006"]) await genuine(eventId);
await forged("evt_8007");
await parsed("evt_8008");
await genuine("evt_8009");
const inspector = toInspector(inbox, {
  authorize: () => ({ name: "ada", can: "act", body: "reveal" }),
  environment: { name: "staging", color: "#b7791f" },
});
const { url, close } = await serve(inspector);
const recorded = await serve(
  toInspector(inbox, { authorize: () => ({ name: "dev", can: "act", body: "shown" }), recordings }),
);
const browser = await launch();
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
    await page.goto(`${recorded.url}?view=requests`);
    for (const [name, title] of [
      ["request", "Genuine"],
      ["refused", "wrong signature"],
      ["binary", "POST"],
    ] as const) {
      if (width === 390) await page.goto(`${recorded.url}?view=requests`);
      await page
        .locator(".row", { hasText: new RegExp(title, "i") })
        .first()
        .click();
      await page.getByRole("article").waitFor();
      await page.getByText("Live", { exact: true }).waitFor();
      await shoot(name);
    }
    if (width === 390) {
      await page.goto(`${recorded.url}?view=requests`);
      await page.locator(".row").first().waitFor();
      await shoot("requests");
    }
    await page.close();
  }
await browser.close();
close();
recorded.close();
await inbox.close();
