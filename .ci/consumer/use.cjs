const assert = require("node:assert/strict");
const { createReceiver, isWebhookError, parseEvent, verifySignature } = require("@popp-webhooks/core");
const { explainMismatch } = require("@popp-webhooks/core/diagnose");
const { createInbox } = require("@popp-webhooks/inbox");
const { sqliteStore } = require("@popp-webhooks/inbox/sqlite");
const { bullmqQueue } = require("@popp-webhooks/queues/bullmq");
const schema = require("@popp-webhooks/core/schemas/CONVERSATION_STARTED.json");
const { fixture, signedRequest } = require("@popp-webhooks/testing");

const secret = "the signing secret";

async function main() {
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

  // An error of the ES module's copy is known to this one's guard.
  const esm = await import("@popp-webhooks/core");
  const refused = await esm.verifySignature(await request(), { secret: "another" }).catch((error) => error);
  assert.ok(isWebhookError(refused, "SIGNATURE_MISMATCH"));
  assert.equal(typeof explainMismatch, "function");
  console.log("verified, parsed, received, kept and refused, as CommonJS");
}

main();
