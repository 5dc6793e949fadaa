import type { MarkdownRenderer } from "vitepress";

/** Puts each diagram into a box of its own, which a narrow screen scrolls instead of making its letters tiny. */
export function scrollableDiagrams(md: MarkdownRenderer): void {
  const image = md.renderer.rules.image;
  md.renderer.rules.image = (tokens, at, options, env, self) => {
    const html = image?.(tokens, at, options, env, self) ?? "";
    if (!tokens[at]?.attrGet("src")?.endsWith(".svg")) return html;
    return `<span class="diagram" tabindex="0" role="group" aria-label="A diagram">${html}</span>`;
  };
}
