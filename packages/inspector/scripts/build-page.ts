import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("../page/", import.meta.url));

/** Builds the page with Vite into the text of one module: a document with its script and style, and the policy that allows those alone. */
export async function buildPage(): Promise<{ readonly module: string; readonly html: string }> {
  const result = await build({
    root,
    configFile: false,
    logLevel: "error",
    mode: "production",
    define: { "process.env.NODE_ENV": '"production"' },
    resolve: { conditions: ["import", "module", "browser", "default"] },
    oxc: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
    build: {
      write: false,
      target: "es2022",
      cssMinify: true,
      cssCodeSplit: false,
      rolldownOptions: { input: `${root}app.tsx`, output: { format: "iife" } },
    },
  });
  const outputs = [result].flat().flatMap((one) => ("output" in one ? one.output : []));
  const script = outputs.find((one) => one.type === "chunk")?.code.trim() ?? "";
  const css = outputs.find((one) => one.type === "asset" && one.fileName.endsWith(".css"));
  const style = css?.type === "asset" ? String(css.source).trim() : "";
  if (script === "" || style === "") throw new Error(`Vite gave ${outputs.map((one) => one.fileName).join(", ")}.`);
  if (/<\/(?:script|style)/i.test(script + style)) throw new Error("The page cannot be inlined.");
  const html = readFileSync(`${root}index.html`, "utf8")
    .replace("</head>", () => `<style>${style}</style>\n</head>`)
    .replace("</body>", () => `<script>${script}</script>\n</body>`);
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  const module = [
    "// Written by scripts/write-page.ts from the folder page. Do not edit.",
    `export const PAGE: string = ${JSON.stringify(html)};`,
    `export const POLICY: string = ${JSON.stringify(policy)};`,
    "",
  ].join("\n");
  return { module, html };
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
