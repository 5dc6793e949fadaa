import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { bundleOfCore, SIZE_LIMITS } from "../scripts/bundle-size.ts";
import * as core from "./index.ts";
import * as internal from "./internal.ts";

const src = fileURLToPath(new URL(".", import.meta.url));

describe("the public surface of core", () => {
  it("exports these values and no others", () => {
    expect(Object.keys(core).sort()).toEqual([
      "WebhookError",
      "assumeVerified",
      "createReceiver",
      "eventTimeMs",
      "events",
      "idempotencyKeyOf",
      "identifyingFields",
      "isUnrecognized",
      "isWebhookError",
      "parseEvent",
      "verifySignature",
    ]);
  });

  it("is the same on JSR: version, entries and dependency", () => {
    const read = (name: string) => JSON.parse(readFileSync(join(src, "..", name), "utf8"));
    const [npm, jsr] = [read("package.json"), read("jsr.json")];
    const entries = Object.entries<Record<string, string>>(npm.exports).flatMap(([subpath, target]) => {
      const source = target["@popp-webhooks/source"];
      return source === undefined ? [] : [[subpath, source]];
    });
    expect(jsr).toMatchObject({ name: npm.name, version: npm.version, license: npm.license });
    expect(Object.entries(jsr.exports)).toEqual(entries);
    expect(jsr.imports).toEqual({ valibot: `npm:valibot@${npm.dependencies.valibot}` });
  });

  it("shares these eight internal exports with the other packages", () => {
    expect(Object.keys(internal).sort()).toEqual([
      "checkOptions",
      "handlersByName",
      "headerValue",
      "isPromiseLike",
      "oncePerEnvironment",
      "quietly",
      "tellOperator",
      "withTimeout",
    ]);
  });

  it.each(SIZE_LIMITS)("stays below its size limit: $what", async ({ names, maxBytes }) => {
    const { gzippedBytes, imports, text } = await bundleOfCore(names);
    expect(imports).toEqual([]);
    expect(gzippedBytes).toBeLessThanOrEqual(maxBytes);
    // An error that can occur names itself; nothing is left of what cannot run on an edge runtime.
    expect(text).not.toMatch(/\bnew Function\b|\beval\b|\brequire\(|from"node:/);
  });
});

describe("a bundle of one export contains only its own code", () => {
  it.each<[string, RegExp]>([
    ["isWebhookError", /signature`|handler|valibot|TextDecoder|Map\b|Uint8Array/],
    ["isUnrecognized", /class|valibot|Map\b|Uint8Array|function \w+\(\w+,/],
    ["eventTimeMs", /class|valibot|Map\b|Uint8Array/],
    ["idempotencyKeyOf", /class|valibot|Map\b|signature/],
    ["assumeVerified", /class|valibot|Map\b|signature/],
    ["verifySignature", /maxInFlight|handlerTimeoutMs|conversationStatus|loose_object|TextDecoder|8388608|JSON\.parse/],
    ["parseEvent", /x-signature|HMAC|maxBytes|maxInFlight|setTimeout|TextEncoder|AbortController/],
  ])("%s", async (name, strangers) => {
    const { text } = await bundleOfCore([name]);
    expect(text).not.toMatch(strangers);
  });
});

/** The stages of the corridor: each one file, none knows another. */
const STAGES = [
  "read/admit.ts",
  "read/read.ts",
  "verify/verify.ts",
  "parse/parse.ts",
  "deliver/check-age.ts",
  "deliver/deliver.ts",
  "respond/respond.ts",
];

/** The rooms in the order of the corridor. A room may import those before it, and the three that stand beside the corridor. */
const CORRIDOR = ["read", "verify", "parse", "deliver", "respond"];
const BESIDE = ["events", "errors", "lib"];

/** What a file of core imports: other files of core by their path from `src`, packages by their name. */
function importsOf(file: string): string[] {
  const text = readFileSync(`${src}${file}`, "utf8");
  return [...text.matchAll(/^(?:import|export)[^;]*? from "([^"]+)"/gm)].map(([, from = ""]) =>
    from.startsWith(".") ? join(dirname(file), from) : from,
  );
}

describe("the house of core", () => {
  const sources = readdirSync(src, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !/\.test(-d)?\.ts$/.test(file),
  );

  it("imports valibot and nothing else", () => {
    const foreign = sources.flatMap(importsOf).filter((from) => !from.endsWith(".ts"));
    expect([...new Set(foreign)]).toEqual(["valibot"]);
  });

  it("needs valibot for types alone", () => {
    const texts = sources.map((file) => readFileSync(`${src}${file}`, "utf8"));
    const atRunTime = /^import (?!type )[^;]* from "valibot"/m;
    expect(texts.filter((text) => atRunTime.test(text))).toEqual([]);
  });

  it.each(STAGES)("%s imports no other stage", (stage) => {
    expect(importsOf(stage).filter((from) => STAGES.includes(from))).toEqual([]);
  });

  it("lets only the corridor files import the stages", () => {
    const knowing = sources.filter((file) => importsOf(file).some((from) => STAGES.includes(from)));
    // index.ts exports the type of a reply; receiver-config.ts takes deliver as one of the two ways to deliver.
    expect(knowing.sort()).toEqual([
      "index.ts",
      "parse-event.ts",
      "receiver-config.ts",
      "receiver.ts",
      "verify-signature.ts",
    ]);
  });

  it.each([...BESIDE, ...CORRIDOR])("%s imports no room further down the corridor", (room) => {
    const before = CORRIDOR.slice(0, CORRIDOR.indexOf(room) + 1);
    const allowed = [...BESIDE, ...before, "valibot"];
    const imported = sources.filter((file) => file.startsWith(`${room}/`)).flatMap(importsOf);
    expect(imported.filter((from) => !allowed.includes(from.split("/")[0] ?? ""))).toEqual([]);
  });
});
