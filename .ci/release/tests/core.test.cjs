// Runs under Jest and Vitest, in Node and in documents: jsdom has no TextDecoder and no Request, so that bytes are given.
const { createHmac } = require("node:crypto");
const { explainMismatch } = require("@popp-webhooks/core/diagnose");
const { isWebhookError, parseEvent, verifySignature } = require("@popp-webhooks/core");

const secret = "the signing secret";
const text = JSON.stringify({ event: "DOCUMENT_UPLOADED", data: { recordId: "r", organizationId: "o" } });
const body = new Uint8Array(Buffer.from(text));
const signature = createHmac("sha256", secret).update(text).digest("hex");

test("a delivery is verified and parsed", async () => {
  const verified = await verifySignature({ body, signature }, { secret });
  if (typeof TextDecoder === "function") expect(parseEvent(verified).event).toBe("UNRECOGNIZED");
});

test("a forged one is refused and explained", async () => {
  const error = await verifySignature({ body, signature }, { secret: "another" }).catch((refused) => refused);
  expect(isWebhookError(error, "SIGNATURE_MISMATCH")).toBe(true);
  expect(typeof explainMismatch).toBe("function");
});
