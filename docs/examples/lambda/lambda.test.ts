import { beforeAll, describe, expect, it } from "vitest";
import { fixture, signPayload } from "../../../packages/testing/src/index.ts";
import { handler } from "./handler.ts";

const secret = "a-secret-of-ours";
const body = JSON.stringify(fixture("CONVERSATION_COMPLETED"), null, 1).replace("Amara", "Amår\u0101");

beforeAll(() => {
  process.env.POPP_WEBHOOK_SECRET = secret;
});

/** An event as a function URL gives it: names of headers in lower case, the body as text or in base64. */
async function invoke(encoded: boolean, changes: { method?: string; signedWith?: string; eventId?: string } = {}) {
  const text = body.replace("evt_conversation_completed", changes.eventId ?? "evt_1");
  return handler(
    {
      headers: {
        "content-type": "application/json",
        "x-signature": await signPayload(text, changes.signedWith ?? secret),
      },
      body: encoded ? Buffer.from(text).toString("base64") : text,
      isBase64Encoded: encoded,
      requestContext: { http: { method: changes.method ?? "POST" } },
    },
    {},
  );
}

describe("the example lambda, by the events of a function URL", () => {
  it.each([false, true])("handles a genuine event, base64: %s", async (encoded) => {
    expect(await invoke(encoded, { eventId: `evt_${encoded}` })).toEqual({
      statusCode: 200,
      headers: { "content-type": "application/json" },
      body: '{"status":"handled"}',
    });
  });

  it("refuses a forged delivery and other methods", async () => {
    expect(await invoke(true, { signedWith: "another secret" })).toMatchObject({ statusCode: 401 });
    expect(await invoke(false, { method: "GET" })).toMatchObject({ statusCode: 405 });
  });

  it("treats a missing body as empty", async () => {
    const event = { headers: {}, isBase64Encoded: false, requestContext: { http: { method: "POST" } } };
    expect(await handler(event, {})).toMatchObject({
      statusCode: 401,
      body: expect.stringContaining("SIGNATURE_MISSING"),
    });
  });
});
