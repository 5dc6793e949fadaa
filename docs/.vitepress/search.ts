import type { DefaultTheme } from "vitepress";

interface Environment {
  readonly relativePath: string;
  readonly frontmatter?: { readonly search?: unknown };
}

interface Markdown {
  render(source: string, environment: object): string;
}

/**
 * Renders a page for the index of the search. Each message on the page of an error code is a section of its own there: people paste one, and in a
 * long section it would be found behind other pages.
 */
function render(source: string, environment: Environment, markdown: Markdown): string {
  const html = markdown.render(source, environment);
  const { relativePath, frontmatter } = environment;
  if (frontmatter?.search === false) return "";
  if (!relativePath.startsWith("errors/")) return html;
  const [page = "", messages = ""] = html.split(/(?=<h2 id="messages")/);
  let count = 0;
  const asSection = (_: string, text: string) => `<h3>${text}<a href="#message-${++count}"></a></h3>${text}`;
  return page + messages.replace(/<li>(.*?)<\/li>/g, asSection);
}

/** Guides come before references: a word such as "retention" is on many pages, and one of them explains it. */
export const search: NonNullable<DefaultTheme.Config["search"]> = {
  provider: "local",
  options: {
    _render: render,
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
