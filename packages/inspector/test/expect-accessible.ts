import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** Expects that axe finds nothing on a page at two widths, and that nothing is wider than a phone. The schemes differ in colors only. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.emulateMedia({ reducedMotion: "reduce" });
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 844 });
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const builder = new AxeBuilder({ page }).setLegacyMode(true);
      if (colorScheme === "dark") builder.withRules("color-contrast");
      const { violations } = await builder.analyze();
      expect(violations.map(({ id, nodes }) => [width, colorScheme, id, nodes[0]?.html])).toEqual([]);
    }
  }
}
