import { AxeBuilder } from "@axe-core/playwright";
import { expect, it } from "vitest";
import { inChromium } from "./in-chromium.ts";

/** One page of each layout: home, guide with diagrams, long tables, tabs, a reference, generated pages. */
const LAYOUTS = [
  "/",
  "/architecture",
  "/guide/production",
  "/errors/",
  "/events/conversation",
  "/api/core/diagnose",
  "/404",
];

inChromium("axe", (open) => {
  for (const colorScheme of ["light", "dark"] as const)
    it.each(LAYOUTS)(`finds nothing on %s in ${colorScheme}`, async (path) => {
      const page = await open(path, { colorScheme, reducedMotion: "reduce" });
      await page.locator(".VPNav").waitFor();
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 844 });
        const axe = new AxeBuilder({ page }).setLegacyMode(true);
        // The schemes differ in colors only.
        if (colorScheme === "dark") axe.withRules("color-contrast");
        const { violations } = await axe.analyze();
        expect(violations.map(({ id, nodes }) => [width, id, nodes.slice(0, 3).map(({ html }) => html)])).toEqual([]);
      }
    });
});
