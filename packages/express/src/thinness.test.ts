import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const packages = new URL("../../", import.meta.url);
const ADAPTERS = ["cloudflare", "express", "fastify", "hono", "next"];

/** What an adapter's sources say once comments are gone. */
function codeOf(adapter: string): string {
  const folder = new URL(`${adapter}/src/`, packages);
  const files = readdirSync(folder).filter((file) => file.endsWith(".ts") && !/\.test(-d)?\.ts$/.test(file));
  const text = files.map((file) => readFileSync(new URL(file, folder), "utf8")).join("\n");
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

describe.each(ADAPTERS)("the adapter for %s", (adapter) => {
  const code = codeOf(adapter);

  it("contains no decisions: no status, JSON or header of ours", () => {
    expect(code).not.toMatch(/\b[1-5]\d\d\b/);
    expect(code).not.toMatch(/\bJSON\.|x-signature|content-type['"]|retry-after/i);
    expect(code).not.toMatch(/console\./);
  });

  it("is under 60 lines of code", () => {
    expect(code.split("\n").filter((line) => line.trim() !== "").length).toBeLessThan(60);
  });

  it("imports only core and its framework", () => {
    const imported = [...code.matchAll(/from "(@popp-webhooks\/[^"]+)"/g)].map(([, name]) => name);
    expect(imported).toContain("@popp-webhooks/core");
    expect(imported.filter((name) => !/^@popp-webhooks\/core(\/internal)?$/.test(name ?? ""))).toEqual([]);
  });
});
