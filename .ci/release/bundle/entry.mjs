import { createReceiver, parseEvent, verifySignature } from "@popp-webhooks/core";
import { fixture, signedRequest } from "@popp-webhooks/testing";

const secret = "the signing secret";
const request = () => signedRequest(fixture("DOCUMENT_UPLOADED"), { secret });
const event = parseEvent(await verifySignature(await request(), { secret }));
const { fetch } = createReceiver({ secret, on: { DOCUMENT_UPLOADED: () => {} } });
const { status } = await fetch(await request());
console.log(`${event.event} ${status}`);
