import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as testing from "./index.ts";

/** All modules that an entry draws in, and what they import from elsewhere. */
function drawnInBy(entry: URL, seen: Map<string, string[]> = new Map()): Map<string, string[]> {
  if (seen.has(entry.href)) return seen;
  const text = readFileSync(entry, "utf8");
  const imported = [...text.matchAll(/^(?:import|export)[^;]*? from "([^"]+)"/gm)].map(([, from]) => String(from));
  seen.set(
    entry.href,
    imported.filter((from) => !from.startsWith(".")),
  );
  for (const from of imported) if (from.startsWith(".")) drawnInBy(new URL(from, entry), seen);
  return seen;
}

const foreignTo = (entry: string) => [
  ...new Set([...drawnInBy(new URL(entry, import.meta.url)).values()].flat().sort()),
];

describe("the public surface of testing", () => {
  it("exports these values and no others", () => {
    expect(Object.keys(testing).sort()).toEqual([
      "eventNames",
      "fixture",
      "runChaos",
      "scenarios",
      "signPayload",
      "signedRequest",
    ]);
  });

  it.each([
    ["./index.ts", ["@popp-webhooks/core"]],
    ["./conformance/receiver.ts", ["@popp-webhooks/core"]],
    ["./conformance/adapter/index.ts", ["@popp-webhooks/core", "node:http", "node:net", "vitest"]],
  ])("%s needs %s, and nothing else", (entry, expected) => {
    expect(foreignTo(entry)).toEqual(expected);
  });

  it.each(["./index.ts", "./conformance/receiver.ts"])("%s runs where there is no Node", (entry) => {
    for (const file of drawnInBy(new URL(entry, import.meta.url)).keys())
      expect(readFileSync(new URL(file), "utf8")).not.toMatch(/\bBuffer\b|\bprocess\.|node:/);
  });
});
