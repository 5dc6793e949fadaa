import assert from "node:assert/strict";
import { createReceiver, isWebhookError, parseEvent, verifySignature } from "@popp-webhooks/core";
import { explainMismatch } from "@popp-webhooks/core/diagnose";
import schema from "@popp-webhooks/core/schemas/CONVERSATION_STARTED.json" with { type: "json" };
import { createInbox } from "@popp-webhooks/inbox";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
import { bullmqQueue } from "@popp-webhooks/queues/bullmq";
import { fixture, signedRequest } from "@popp-webhooks/testing";

const secret = "the signing secret";
const request = () => signedRequest(fixture("CONVERSATION_STARTED"), { secret });

const event = parseEvent(await verifySignature(await request(), { secret }));
assert.equal(event.event, "CONVERSATION_STARTED");
assert.ok(schema.properties);

const { fetch } = createReceiver({ secret, on: { CONVERSATION_STARTED: () => {} } });
assert.equal((await fetch(await request())).status, 200);

const handled = [];
const inbox = createInbox({
  store: sqliteStore(":memory:"),
  on: { CONVERSATION_STARTED: ({ event }) => handled.push(event) },
});
const kept = createReceiver({ secret, inbox });
assert.equal((await kept.fetch(await request())).status, 200);
assert.equal((await kept.fetch(await request())).status, 200);
assert.equal((await inbox.sweep()).done, 1);
assert.deepEqual(handled, ["CONVERSATION_STARTED"]);
await inbox.close();
assert.equal(typeof bullmqQueue, "function");

const refused = await verifySignature(await request(), { secret: "another" }).catch((error) => error);
assert.ok(isWebhookError(refused, "SIGNATURE_MISMATCH"));
assert.equal(typeof explainMismatch, "function");
console.log("verified, parsed, received, kept and refused, as an ES module");
