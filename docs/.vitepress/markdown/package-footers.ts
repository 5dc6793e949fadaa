import type { MarkdownRenderer } from "vitepress";

/** Leaves out the last line of a package's README, which leads from the package's page to this site: `Documentation: [Hono](…)`. */
export function withoutPackageFooters(md: MarkdownRenderer): void {
  md.core.ruler.push("package-footers", ({ tokens }) => {
    for (let at = tokens.length - 1; at > 0; at--)
      if (tokens[at]?.type === "inline" && /^Documentation: \[/.test(tokens[at]?.content ?? ""))
        tokens.splice(at - 1, 3);
  });
}
