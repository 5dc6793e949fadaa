import type { Plugin } from "vitepress";

/** What axe finds in components of VitePress 1.6: the file, the text in it, and the text that mends it. */
const MENDED: readonly (readonly [file: string, from: string, to: string])[] = [
  // The page has a footer of its own already.
  [
    "VPDocFooter.vue",
    '<footer v-if="showFooter" class="VPDocFooter">',
    '<section v-if="showFooter" class="VPDocFooter" aria-label="About this page">',
  ],
  ["VPDocFooter.vue", "</footer>", "</section>"],
  // The group is a button, and its caret was a second one inside. No group of this site is a link.
  ["VPSidebarItem.vue", 'role="button"\n        aria-label="toggle section"', 'aria-hidden="true"'],
  ["VPSidebarItem.vue", '@keydown.enter="onCaretClick"\n        tabindex="0"', ""],
  // The letter was visible text that the button's name did not have. The style sheet shows it.
  [
    "VPNavBarSearchButton.vue",
    '<kbd class="DocSearch-Button-Key">K</kbd>',
    '<kbd class="DocSearch-Button-Key letter"></kbd>',
  ],
  ["NotFound.vue", '<div class="NotFound">', '<main class="NotFound">'],
  ["NotFound.vue", "  </div>\n</template>", "  </main>\n</template>"],
];

/** Mends those components while the site is built. A version of VitePress with other texts fails the build. */
export const accessibleTheme = (): Plugin => ({
  name: "accessible-theme",
  enforce: "pre",
  transform(code, id) {
    const mended = MENDED.filter(
      ([file]) => id.endsWith(`/theme-default/${file}`) || id.endsWith(`/components/${file}`),
    );
    return mended.reduce((text, [file, from, to]) => {
      if (!text.includes(from))
        throw new Error(`${file} of VitePress has changed: is ${JSON.stringify(from)} still needed?`);
      return text.replace(from, to);
    }, code);
  },
});
