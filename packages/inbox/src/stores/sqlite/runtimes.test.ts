import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { storeCases } from "@popp-webhooks/testing/store";
import { expect, it } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../../test/run-store-cases.ts", import.meta.url));
const CONDITION = "--conditions=@popp-webhooks/source";
const bin = (name: string) => fileURLToPath(new URL(`../../../node_modules/.bin/${name}`, import.meta.url));

it.each([
  ["Bun, with what a path opens", "bun", [CONDITION, SCRIPT]],
  ["Bun, with bun:sqlite", "bun", [CONDITION, SCRIPT, "bun:sqlite", "Database"]],
  ["Deno, with what a path opens", "deno", ["run", "--allow-all", CONDITION, SCRIPT]],
])("passes the conformance suite on %s", async (_, program, args) => {
  const { stdout } = await promisify(execFile)(bin(program), args, { timeout: 170_000 });
  const ends: readonly { readonly name: string; readonly failure: string | null }[] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(ends.filter(({ failure }) => failure !== null)).toEqual([]);
  expect(ends.map(({ name }) => name)).toEqual(storeCases.map(({ name }) => name));
});
