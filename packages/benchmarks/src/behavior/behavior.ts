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
    .then(() => "yes")
    .catch(() => "no");

const yesOrNo = (is: boolean) => (is ? "yes" : "no");

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
  return yesOrNo(printed.includes("participantFirstName"));
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
  verifies("verifies Popp's `x-signature` as hex", (it) => it.verifyPopp(body, signature("hex"))),
  verifies("the same with `sha256=` before it", (it) => it.verifyPopp(body, `sha256=${signature("hex")}`)),
  verifies("the same in base64", (it) => it.verifyPopp(body, signature("base64"))),
  verifies("verifies its own scheme", (it) => it.verify(body, body)),
  verifies("… and a byte changed to one that is not UTF-8", (it) => it.verify(spoilt, body)),
  verifies("… and a byte order mark put before the body", (it) => it.verify(marked, body)),
  verifies("… and no secret is set", (it) => it.verify(body, body, "")),
  verifies("takes two secrets", (it) => it.verifyWithTwo(body, bytes("old").toString("base64"), SECRET)),
  {
    what: "… and tells which of them matched",
    of: async (name) =>
      name === "popp-webhooks" ? yesOrNo((await matchedSecret(body, ["x", SECRET], SECRET)) === 1) : NOTHING,
  },
  {
    what: "types a `recordId` that is a number as text",
    of: async (name) => {
      if (name === "popp-webhooks") return yesOrNo(parseEvent(assumeVerified(wrong)).event !== "UNRECOGNIZED");
      const library = libraryOf(name);
      return library ? answer(() => library.verify(bytes(wrong), bytes(wrong))) : NOTHING;
    },
  },
  { what: "runs of a handler for the same event twice", of: (name) => runs(name, 2, 0) },
  { what: "runs of a handler that fails once", of: (name) => runs(name, 1, 1) },
  { what: "prints a refused body to the console", of: showsBody },
  { what: "answer to 10 MB over HTTP", of: async (name) => `${(await statusOfLargeBody(name)) ?? NOTHING}` },
];

const manifest: { dependencies: Record<string, string> } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
);
const names = [...new Set([...libraries, ...handlings].map(({ name }) => name))];
const tried = ["@octokit/webhooks", "stripe", "svix", "standardwebhooks", "@aws-lambda-powertools/idempotency"];
const versions = tried.map((name) => `${name} ${manifest.dependencies[name]}`).join(", ");

const table = [
  ["", ...names],
  ["---", ...names.map(() => "---")],
];
for (const { what, of } of rows) {
  const row = [what];
  for (const name of names) row.push(await of(name));
  table.push(row);
}
const lines = table.map((row) => `| ${row.join(" | ")} |`).join("\n");
const text = `${lines}\n\nTried: ${versions}, on Node ${process.versions.node}.\n`;
console.log(text);
writeFileSync(new URL("../../../../docs/comparison.generated.md", import.meta.url), text);
