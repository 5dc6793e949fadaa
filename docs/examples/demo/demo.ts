/** Sends a signed delivery of every event to a real endpoint over HTTP, then a few that are not what they seem, and shows what is on record. */
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { styleText } from "node:util";
import type { PoppEvent } from "@popp-webhooks/core";
import { eventNames, fixture, signPayload } from "@popp-webhooks/testing";
import Table from "cli-table3";
import { startEndpoint } from "./endpoint.ts";
import { openInspector } from "./open-inspector.ts";

const secret = "demo-signing-secret";
const folder = mkdtempSync(join(tmpdir(), "popp-demo-"));
const seen = new Map<string, string>();

const { server, inbox } = await startEndpoint(secret, join(folder, "inbox.db"), (event, { attempt }) => {
  if (event.eventId === "demo-fails" && attempt === 1) throw new Error("the ATS is down");
  seen.set(event.eventId ?? "", describe(event));
});
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/popp`;

function describe(event: PoppEvent): string {
  switch (event.event) {
    case "CONVERSATION_COMPLETED":
      return `${event.data.conversationStatus}`;
    case "CANDIDATE_ANALYSIS_COMPLETED":
      return `score ${event.data.totalScoreScaled} of 100`;
    case "CALENDAR_MEETING_SCHEDULED":
      return `at ${event.data.meetingDetails?.startDateTime}`;
    case "UNRECOGNIZED":
      return `${event.name} (${event.reason})`;
    default:
      return event.data.recordId;
  }
}

/** One delivery, and how it was answered. */
interface Delivered {
  readonly title: string;
  /** Empty for what is never on record. */
  readonly eventId: string;
  readonly status: number;
  readonly word: string;
}

const delivered: Delivered[] = [];
let unexpected = 0;

/** Delivers one body, and notes how it was answered. */
async function deliver(title: string, event: object, signature: string, expected: number): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    body: JSON.stringify(event),
    headers: { "content-type": "application/json", "x-signature": signature },
  });
  const { status, error } = (await response.json()) as { status?: string; error?: { code: string } };
  if (response.status !== expected) unexpected++;
  const eventId = response.ok && "eventId" in event ? String(event.eventId) : "";
  delivered.push({ title, eventId, status: response.status, word: status ?? error?.code ?? "" });
}

/** Delivers an event as Popp would. */
async function deliverGenuine(title: string, event: object): Promise<void> {
  await deliver(title, event, await signPayload(JSON.stringify(event), secret), 200);
}

console.log(`An endpoint listens on ${url}.\nEvery delivery below is signed and sent over HTTP.\n`);
for (const name of eventNames) await deliverGenuine(name, fixture(name, { eventId: `demo-${name}` }));

const twice = fixture("CONVERSATION_COMPLETED", { eventId: "demo-twice" });
const tampered = { ...twice, data: { ...twice.data, conversationStatus: "CHANGED" } };
const signature = await signPayload(JSON.stringify(twice), secret);
await deliverGenuine("an event, first time", twice);
await deliverGenuine("the same event again", twice);
await deliverGenuine("its handler fails at first", fixture("CONVERSATION_COMPLETED", { eventId: "demo-fails" }));
const newer = { ...fixture("DOCUMENT_UPLOADED"), event: "OFFER_SENT", eventId: "demo-newer" };
await deliverGenuine("an event newer than the SDK", newer);
await deliver("changed on the way", tampered, signature, 401);
await deliver("signed with another secret", twice, await signPayload(JSON.stringify(twice), "another secret"), 401);
await deliver("not signed", twice, "", 401);

for (let { counts } = await inbox.stats(); counts.received + counts.processing + counts.retry > 0; ) {
  await wait(50);
  ({ counts } = await inbox.stats());
}

/** So wide that a row fits 100 columns. A longer text is cut off. */
const SAW_WIDTH = 26;
// The head is styled here and not by the table, which would write escape codes into a pipe too.
const table = new Table({
  head: ["delivery", "answer", "on record", "the handler saw"].map((title) => styleText("bold", title)),
  style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
  chars: Object.fromEntries([
    ...[
      "left",
      "right",
      "top",
      "bottom",
      "top-mid",
      "top-left",
      "top-right",
      "bottom-mid",
      "bottom-left",
      "bottom-right",
    ].map((name) => [name, ""]),
    ...["left-mid", "right-mid"].map((name) => [name, ""]),
    ["middle", "  "],
    ["mid-mid", "──"],
  ]),
});
for (const { title, eventId, status, word } of delivered) {
  const record = eventId === "" ? undefined : await inbox.get(eventId);
  const saw = word === "duplicate" ? "" : (seen.get(eventId) ?? "");
  const answer = `${styleText(status === 200 ? "green" : "yellow", `${status}`)} ${word}`;
  const attempt = record && record.attempts > 1 ? `, try ${record.attempts}` : "";
  const state = record ? `${record.state}${attempt}` : "";
  table.push([title, answer, state, saw.length > SAW_WIDTH ? `${saw.slice(0, SAW_WIDTH - 1)}…` : saw]);
}
console.log(table.toString());

const { counts } = await inbox.stats();
const failed = await inbox.get("demo-fails");
const again = await inbox.get("demo-twice");
console.log(
  `\nOn record, in a SQLite file: ${counts.done} events done, each handled once.\nOne was delivered ${1 + (again?.duplicates ?? 0)} times and handled once.\n` +
    `One failed ("the ATS is down") and was done at attempt ${failed?.attempts}.`,
);
const isRight =
  unexpected === 0 && counts.done === eventNames.length + 3 && failed?.attempts === 2 && again?.duplicates === 1;
console.log(
  isRight
    ? styleText(
        "green",
        `${eventNames.length} kinds of events verified and handled; forged ones refused, and of those nothing is kept.`,
      )
    : styleText("red", "Not everything went as it should: see the table."),
);
console.log(
  `
Next:
  ${styleText("bold", "npm install @popp-webhooks/core")}    an endpoint in five lines: docs/guide/getting-started.md
  ${styleText("bold", "docs/guide/inbox.md")}                store events before the answer, as this demo does
  ${styleText("bold", "docs/guide/diagnose.md")}             find out why a signature does not match
  ${styleText("bold", "docs/guide/cli.md")}                  receive, send and replay on the command line
  ${styleText("bold", "pnpm demo --open")}                   look at these events in the inspector`,
);
if (process.argv.includes("--open")) await openInspector(inbox);
server.close();
server.closeAllConnections();
await inbox.close();
rmSync(folder, { recursive: true });
process.exitCode = isRight ? 0 : 1;
