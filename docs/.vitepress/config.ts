import { defineConfig } from "vitepress";
import { accessibleTheme } from "./accessible-theme.ts";
import { textForAssistants } from "./assistants.ts";
import { withoutPackageFooters } from "./markdown/package-footers.ts";
import { scrollableDiagrams } from "./markdown/scrollable-diagrams.ts";
import { stackableTables } from "./markdown/stackable-tables.ts";
import { search } from "./search.ts";
import { sidebar } from "./sidebar.ts";
import { homepage, repositoryUrl, versionLabel } from "./site.ts";

const page = (text: string, link: string) => ({ text, link });

export default defineConfig({
  title: "popp-webhooks",
  description: "Receive Popp's webhooks in TypeScript: genuine, typed, once, effortless.",
  lang: "en-US",
  cleanUrls: true,
  lastUpdated: true,
  srcExclude: ["examples/*/**", "*.generated.md", "public/**"],
  rewrites: { "examples/README.md": "examples/index.md" },
  head: [["link", { rel: "icon", type: "image/svg+xml", href: "/favicon.svg" }]],
  // The playground has core in it, from its sources.
  vite: {
    plugins: [accessibleTheme(), textForAssistants()],
    resolve: { conditions: ["@popp-webhooks/source"] },
  },
  transformPageData: ({ relativePath, frontmatter }) =>
    relativePath.startsWith("api/")
      ? {
          frontmatter: { ...frontmatter, editLink: false, lastUpdated: false, pageClass: "api" },
          lastUpdated: undefined,
        }
      : {},
  ...(homepage && { sitemap: { hostname: homepage } }),
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-default" },
    config: (md) => void md.use(withoutPackageFooters).use(stackableTables).use(scrollableDiagrams),
  },
  themeConfig: {
    logo: "/logo.svg",
    search,
    outline: { level: [2, 3] },
    nav: [
      page("Guide", "/guide/getting-started"),
      page("Frameworks", "/adapters/"),
      page("Inbox", "/guide/inbox"),
      page("Events", "/events/"),
      page("Errors", "/errors/"),
      { text: versionLabel, items: [page("Changelog", "/changelog"), page("Examples", "/examples/")] },
    ],
    sidebar,
    notFound: {
      title: "This page does not exist",
      quote: "It may have moved. The search knows every page.",
      linkText: "Back to the home page",
      linkLabel: "Back to the home page",
    },
    ...(repositoryUrl && {
      editLink: { pattern: `${repositoryUrl}/edit/main/docs/:path`, text: "Edit this page" },
      socialLinks: [{ icon: "github" as const, link: repositoryUrl }],
    }),
    footer: {
      message:
        'Released under the MIT license. <a href="/guide/security">Security</a> · <a href="/changelog">Changelog</a> · <a href="/architecture">Architecture</a>',
      copyright:
        'Built from the public documents of Popp: <a href="/guide/seen-and-assumed">what was seen, and what is assumed</a>.',
    },
  },
});
