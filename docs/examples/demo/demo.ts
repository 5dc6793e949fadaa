/** Sends a signed delivery of every event to a real endpoint over HTTP, then a few that are not what they seem. */
import type { AddressInfo } from "node:net";
import { styleText } from "node:util";
import type { PoppEvent } from "@popp-webhooks/core";
import { eventNames, fixture, signPayload } from "@popp-webhooks/testing";
import Table from "cli-table3";
import { startEndpoint } from "./endpoint.ts";

const secret = "demo-signing-secret";
const handled: PoppEvent[] = [];
const server = await startEndpoint(secret, (event) => handled.push(event));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/popp`;

const table = new Table({
  head: ["delivery", "answer", "what became of it", "the handler saw"],
  style: { head: ["bold"], border: [], compact: true },
});
let unexpected = 0;

/** Delivers one body, and notes what was answered and what a handler saw. */
async function deliver(title: string, body: string, signature: string, expected: number): Promise<void> {
  const before = handled.length;
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", "x-signature": signature },
  });
  const { status, error } = (await response.json()) as { status?: string; error?: { code: string } };
  if (response.status !== expected) unexpected++;
  const colour = response.status === 200 ? "green" : "yellow";
  table.push([
    title,
    styleText(colour, `${response.status}`),
    status ?? error?.code ?? "",
    handled.slice(before).map(describe).join(),
  ]);
}

function describe(event: PoppEvent): string {
  switch (event.event) {
    case "CONVERSATION_COMPLETED":
      return `${event.data.participantFirstName}: ${event.data.conversationStatus}`;
    case "CANDIDATE_ANALYSIS_COMPLETED":
      return `score ${event.data.totalScoreScaled} of 100`;
    case "CALENDAR_MEETING_SCHEDULED":
      return `${event.data.meetingDetails?.title}, ${event.data.meetingDetails?.startDateTime}`;
    case "UNRECOGNIZED":
      return `${event.name} (${event.reason})`;
    default:
      return `record ${event.data.recordId}`;
  }
}

console.log(`An endpoint listens on ${url}; every delivery below is signed and sent over HTTP.\n`);
for (const name of eventNames) {
  const body = JSON.stringify(fixture(name));
  await deliver(name, body, await signPayload(body, secret), 200);
}

const genuine = JSON.stringify(fixture("CONVERSATION_COMPLETED", { eventId: "demo-twice" }));
const signature = await signPayload(genuine, secret);
const newer = JSON.stringify({ ...fixture("DOCUMENT_UPLOADED"), event: "OFFER_SENT", eventId: "demo-newer" });
await deliver("the same event, first time", genuine, signature, 200);
await deliver("the same event again", genuine, signature, 200);
await deliver("an event newer than the SDK", newer, await signPayload(newer, secret), 200);
await deliver("one digit changed on the way", genuine.replace("PASSED", "FAILED"), signature, 401);
await deliver("signed with another secret", genuine, await signPayload(genuine, "another secret"), 401);
await deliver("not signed", genuine, "", 401);

console.log(table.toString());
console.log(
  unexpected === 0
    ? styleText(
        "green",
        `\n${eventNames.length} events received and verified; forged ones refused, a duplicate held back.`,
      )
    : styleText("red", `\n${unexpected} deliveries were not answered as they should be.`),
);
server.close();
process.exitCode = unexpected === 0 ? 0 : 1;
