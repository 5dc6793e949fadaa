// Runs under Jest and Vitest, in Node and in documents.
const { createHmac } = require("node:crypto");
const { explainMismatch } = require("@popp-webhooks/core/diagnose");
const { isWebhookError, parseEvent, verifySignature } = require("@popp-webhooks/core");
const { TextDecoder, TextEncoder } = require("node:util");

// Jest's jsdom has neither: the import above must do without, and the guide on testing says to set them.
globalThis.TextDecoder ??= TextDecoder;
globalThis.TextEncoder ??= TextEncoder;

const secret = "the signing secret";
const text = JSON.stringify({ event: "DOCUMENT_UPLOADED", data: { recordId: "r", organizationId: "o" } });
const body = new Uint8Array(Buffer.from(text));
const signature = createHmac("sha256", secret).update(text).digest("hex");

test("a delivery is verified and parsed", async () => {
  const verified = await verifySignature({ body, signature }, { secret });
  expect(parseEvent(verified)).toMatchObject({ event: "UNRECOGNIZED", name: "DOCUMENT_UPLOADED" });
});

test("a forged one is refused and explained", async () => {
  const error = await verifySignature({ body, signature }, { secret: "another" }).catch((refused) => refused);
  expect(isWebhookError(error, "SIGNATURE_MISMATCH")).toBe(true);
  expect(typeof explainMismatch).toBe("function");
});
