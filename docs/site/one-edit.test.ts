import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "popp-one-edit-"));
const OWN = "@popp-webhooks";

/** What a test of the copy needs of each package. */
const PARTS = ["src", "scripts", "schemas", "package.json"];

/** Copies a package, with its dependencies linked: those of this repository to their copies. */
function copyPackage(path: string): void {
  for (const part of PARTS.filter((name) => existsSync(join(root, path, name))))
    cpSync(join(root, path, part), join(copy, path, part), { recursive: true });
  const modules = join(root, path, "node_modules");
  for (const name of readdirSync(modules).filter((entry) => !entry.startsWith("."))) {
    const scoped = name.startsWith("@") ? readdirSync(join(modules, name)).map((inner) => join(name, inner)) : [name];
    for (const dependency of scoped) link(path, dependency, realpathSync(join(modules, dependency)));
  }
}

function link(path: string, dependency: string, original: string): void {
  const at = join(copy, path, "node_modules", dependency);
  mkdirSync(join(at, ".."), { recursive: true });
  symlinkSync(dependency.startsWith(`${OWN}/`) ? original.replace(root, `${copy}/`) : original, at);
}

function node(...args: readonly string[]): string {
  return execFileSync(process.execPath, [`--conditions=${OWN}/source`, ...args], { cwd: copy, encoding: "utf8" });
}

const NEW_EVENT = `/** An offer was sent to the candidate. */
export interface OfferSentEvent extends PoppEnvelope<"OFFER_SENT", ResourceData & { readonly candidateId?: string | null }> {}
`;

beforeAll(() => {
  for (const name of ["core", "testing", "inbox", "inspector", "cli"]) copyPackage(`packages/${name}`);
  cpSync(join(root, "docs/scripts"), join(copy, "docs/scripts"), { recursive: true });
  cpSync(join(root, "tsconfig.base.json"), join(copy, "tsconfig.base.json"));
  for (const name of ["core", "testing"]) link("docs", `${OWN}/${name}`, join(root, "packages", name));
  symlinkSync(realpathSync(join(root, "node_modules")), join(copy, "node_modules"));

  const file = join(copy, "packages/core/src/events/document.ts");
  const before = readFileSync(file, "utf8");
  const after = before
    .replace("/** The document events by name. */", `${NEW_EVENT}\n$&`)
    .replace(
      /readonly DOCUMENT_UPLOADED: .*;\n/,
      "$&  /** {@inheritDoc OfferSentEvent} */\n  readonly OFFER_SENT: OfferSentEvent;\n",
    )
    .replace(
      "return { DOCUMENT_UPLOADED",
      "return { OFFER_SENT: v.looseObject({ ...resource(), candidateId: text() }), DOCUMENT_UPLOADED",
    )
    .replace("import { resource }", "import { resource, text }");
  writeFileSync(file, after);
  node("packages/core/scripts/generate-schemas.ts");
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe("an event that is added in one file of core", () => {
  it("has a type, and its data", () => {
    const file = join(copy, "packages/core/src/use.ts");
    const use = `import { type PoppEventName, type PoppEventOf, parseEvent, assumeVerified } from "@popp-webhooks/core";
export const name: PoppEventName = "OFFER_SENT";
export function candidateOf(event: PoppEventOf<"OFFER_SENT">): string | null | undefined { return event.data.candidateId; }
const event = parseEvent(assumeVerified(new Uint8Array()));
if (event.event === "OFFER_SENT") candidateOf(event);
`;
    writeFileSync(file, use);
    const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    const config = { extends: "../../tsconfig.base.json", files: ["src/use.ts"] };
    writeFileSync(join(copy, "packages/core/tsconfig.use.json"), JSON.stringify(config));
    node(tsc, "-p", "packages/core/tsconfig.use.json");
    writeFileSync(file, use.replace("OFFER_SENT", "OFFER_SEND"));
    expect(() => node(tsc, "-p", "packages/core/tsconfig.use.json")).toThrow();
  });

  it("has a JSON Schema, and is in the AsyncAPI document", () => {
    const schemas = join(copy, "packages/core/schemas");
    const schema = JSON.parse(readFileSync(join(schemas, "OFFER_SENT.json"), "utf8"));
    expect(schema.description).toBe("An offer was sent to the candidate.");
    expect(schema.properties.data.properties.candidateId).toBeDefined();
    for (const file of ["events.json", "asyncapi.json"])
      expect(readFileSync(join(schemas, file), "utf8")).toContain("OFFER_SENT");
  });

  it("has a fixture, and is known to the parser", () => {
    writeFileSync(
      join(copy, "packages/testing/src/use.ts"),
      `import { assumeVerified, parseEvent } from "@popp-webhooks/core";
import { eventNames, fixture } from "@popp-webhooks/testing";
const event = parseEvent(assumeVerified(new TextEncoder().encode(JSON.stringify(fixture("OFFER_SENT" as never)))));
console.log(JSON.stringify({ listed: eventNames.includes("OFFER_SENT" as never), event }));`,
    );
    const { listed, event } = JSON.parse(node("packages/testing/src/use.ts"));
    expect(listed).toBe(true);
    expect(event).toMatchObject({ event: "OFFER_SENT", data: { candidateId: expect.any(String) } });
  });

  it("is on the page of its group", () => {
    node("docs/scripts/write-event-pages.ts");
    const pages = join(copy, "docs/events");
    expect(readFileSync(join(pages, "index.md"), "utf8")).toContain("OFFER_SENT");
    expect(readFileSync(join(pages, "document.md"), "utf8")).toContain("An offer was sent to the candidate.");
  });

  it("is known to the command line", () => {
    const main = "packages/cli/src/main.ts";
    expect(node(main, "events", "offer_sent")).toMatch(/^candidateId +string \| null/m);
    expect(node(main, "events", "OFFER_SENT", "--types")).toContain("export interface OfferSentEvent");
    expect(node(main, "send", "OFFER_SENT", "--curl", "--secret", "test")).toContain("OFFER_SENT");
  });
});
