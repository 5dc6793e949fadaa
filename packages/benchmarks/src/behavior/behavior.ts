/** Tries the same with each library, and writes what it did as a table for the docs. */
import { createHmac } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { format } from "node:util";
import { assumeVerified, parseEvent } from "@popp-webhooks/core";
import { handlings, statusOfLargeBody } from "./handling.ts";
import { libraries, matchedSecret, SECRET } from "./libraries.ts";

const NOTHING = "–";
const bytes = (text: string) => Buffer.from(text);
const body = bytes('{"event":"CONVERSATION_STARTED","data":{"participantFirstName":"Zo\ufffd"}}');

/** The character that decoders put in place of a byte that is not UTF-8, as such a byte. */
const spoilt = Buffer.concat([
  body.subarray(0, body.indexOf("\ufffd")),
  Buffer.of(0xff),
  body.subarray(body.indexOf("\ufffd") + 3),
]);
const marked = Buffer.concat([bytes("\ufeff"), body]);

const answer = (work: () => Promise<unknown>) =>
  Promise.resolve()
    .then(work)
    .then(() => "accepted")
    .catch(() => "refused");

/** How often a handler runs. */
async function runs(name: string, times: number, failures: number): Promise<string> {
  const handling = handlings.find((one) => one.name === name);
  if (handling === undefined) return NOTHING;
  let count = 0;
  await handling.send(async () => {
    if (++count <= failures) throw new Error("fails");
  }, times);
  return `${count}`;
}

/** Whether the console shows the body of a refused delivery, with the settings that the library has by itself. */
async function showsBody(name: string): Promise<string> {
  const refuse = libraryOf(name)?.refuse;
  if (refuse === undefined) return NOTHING;
  let printed = "";
  const real = { ...console };
  const capture = (...values: unknown[]) => {
    printed += format(...values);
  };
  Object.assign(console, { log: capture, warn: capture, error: capture });
  await refuse(body).catch(() => {});
  Object.assign(console, real);
  return printed.includes("participantFirstName") ? "yes" : "no";
}

/** A value of another type than the catalog says. */
const wrong =
  '{"event":"CONVERSATION_STARTED","eventId":"1","eventTimestamp":"2026-11-25T12:00:00Z","data":{"recordId":5}}';

interface Row {
  readonly what: string;
  readonly of: (name: string) => Promise<string>;
}

const libraryOf = (name: string) => libraries.find((library) => library.name === name);
const verifies = (what: string, of: (library: NonNullable<ReturnType<typeof libraryOf>>) => Promise<unknown>): Row => ({
  what,
  of: async (name) => {
    const library = libraryOf(name);
    return library ? answer(() => of(library)) : NOTHING;
  },
});
const signature = (encoding: "hex" | "base64") => createHmac("sha256", SECRET).update(body).digest(encoding);

const rows: readonly Row[] = [
  verifies("Popp's `x-signature` as hex", (it) => it.verifyPopp(body, signature("hex"))),
  verifies("the same with `sha256=` before it", (it) => it.verifyPopp(body, `sha256=${signature("hex")}`)),
  verifies("the same in base64", (it) => it.verifyPopp(body, signature("base64"))),
  verifies("its own scheme", (it) => it.verify(body, body)),
  verifies("… and a byte changed to one that is not UTF-8", (it) => it.verify(spoilt, body)),
  verifies("… and a byte order mark put before the body", (it) => it.verify(marked, body)),
  verifies("… and no secret is set", (it) => it.verify(body, body, "")),
  verifies("two secrets, signed with the second", (it) =>
    it.verifyWithTwo(body, bytes("old").toString("base64"), SECRET),
  ),
  {
    what: "… which of them matched",
    of: async (name) => (name === "popp-webhooks" ? `${await matchedSecret(body, ["x", SECRET], SECRET)}` : NOTHING),
  },
  {
    what: "`recordId` is a number, not text",
    of: async (name) => {
      if (name === "popp-webhooks") return parseEvent(assumeVerified(wrong)).event;
      const library = libraryOf(name);
      return library ? answer(() => library.verify(bytes(wrong), bytes(wrong))) : NOTHING;
    },
  },
  { what: "the same event twice: runs of the handler", of: (name) => runs(name, 2, 0) },
  { what: "the handler fails once: runs after one delivery", of: (name) => runs(name, 1, 1) },
  { what: "a refused body is printed to the console", of: showsBody },
  { what: "10 MB over HTTP: the status", of: async (name) => `${(await statusOfLargeBody(name)) ?? NOTHING}` },
];

const manifest: { dependencies: Record<string, string> } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
);
const packages: Readonly<Record<string, string>> = {
  ...Object.fromEntries(libraries.map(({ name }) => [name, name])),
  "Powertools idempotency": "@aws-lambda-powertools/idempotency",
};
const names = [...new Set([...libraries, ...handlings].map(({ name }) => name))];
const titles = names.map((name) => [name, manifest.dependencies[packages[name] ?? ""]].filter(Boolean).join(" "));

const table = [
  ["", ...titles],
  ["---", ...names.map(() => "---")],
];
for (const { what, of } of rows) {
  const row = [what];
  for (const name of names) row.push(await of(name));
  table.push(row);
}
const lines = table.map((row) => `| ${row.join(" | ")} |`);
console.log(lines.join("\n"));
writeFileSync(new URL("../../../../docs/comparison.generated.md", import.meta.url), `${lines.join("\n")}\n`);
