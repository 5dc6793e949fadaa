import { type Browser, chromium } from "playwright-core";
import { chromiumPath } from "../../core/runtime/chromium-path.ts";

/** Starts the Chromium of this machine. */
export function launch(): Promise<Browser> {
  return chromium.launch({ ...(chromiumPath && { executablePath: chromiumPath }), args: ["--no-sandbox"] });
}
