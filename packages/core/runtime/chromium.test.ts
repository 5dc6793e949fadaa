import { chromium } from "playwright-core";
import { absent } from "./absent.ts";
import { bundle } from "./bundle.ts";
import { chromiumPath } from "./chromium-path.ts";
import { describeRuntime } from "./describe-runtime.ts";
import type { Report } from "./report.ts";

async function run(executablePath: string): Promise<Report> {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    // WebCrypto is there in a secure context only, and that takes an address.
    await page.route("https://runtime.test/", (route) => route.fulfill({ contentType: "text/html", body: "" }));
    await page.goto("https://runtime.test/");
    await page.addScriptTag({ content: (await bundle("script", "browser")).text });
    return await page.evaluate("report()");
  } finally {
    await browser.close();
  }
}

const path = chromiumPath;
if (path === undefined) {
  const required = Boolean(process.env.CI || process.env.REQUIRE_BROWSER);
  absent("Chromium", "there is none on the PATH; `apt-get install chromium` brings one", required);
} else {
  describeRuntime("Chromium", { hmac: "WebCrypto", self: /Chrome\//, run: () => run(path) });
}
