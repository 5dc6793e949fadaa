import type { DefaultTheme } from "vitepress";

/** Guides come before references: a word such as "retention" is on many pages, and one of them explains it. */
export const search: NonNullable<DefaultTheme.Config["search"]> = {
  provider: "local",
  options: {
    miniSearch: {
      searchOptions: {
        fuzzy: 0.1,
        boost: { title: 6, titles: 3, text: 1 },
        // This function runs in the browser, so it cannot use names of this file.
        boostDocument: (id: string) => (/\/(api|changelog|decisions)/.test(id) ? 0.2 : /\/guide\//.test(id) ? 1.5 : 1),
      },
    },
  },
};
