import { createHmac } from "node:crypto";
import { assumeVerified, verifySignature } from "@popp-webhooks/core";
import { describe, expect, it } from "vitest";
import { signPayload } from "./sign-payload.ts";
import { signedRequest } from "./signed-request.ts";

const secret = "the signing secret é";
const hmac = (body: string | Uint8Array) => createHmac("sha256", secret).update(body).digest();

describe("signPayload", () => {
  it("creates HMAC-SHA256 signatures in each form", async () => {
    for (const body of ["", '{"a":"é"}', Uint8Array.of(0, 255, 254)]) {
      expect(await signPayload(body, secret)).toBe(hmac(body).toString("hex"));
      expect(await signPayload(body, secret, { encoding: "base64" })).toBe(hmac(body).toString("base64"));
      expect(await signPayload(body, secret, { encoding: "base64url" })).toBe(hmac(body).toString("base64url"));
      expect(await signPayload(body, secret, { prefix: true })).toBe(`sha256=${hmac(body).toString("hex")}`);
    }
  });
});

it("signs verified bytes and a view of shared memory", async () => {
  const shared = new Uint8Array(new SharedArrayBuffer(3));
  for (const body of [assumeVerified("{}"), shared]) {
    expect(await signPayload(body, secret)).toBe(hmac(body).toString("hex"));
    expect(await verifySignature(await signedRequest(body, { secret }), { secret })).toEqual(new Uint8Array(body));
  }
});

describe("signedRequest", () => {
  it.each<[string, object | string | Uint8Array<ArrayBuffer>, string]>([
    ["an event", { event: "X" }, '{"event":"X"}'],
    ["a text", "as it is", "as it is"],
    ["bytes", Uint8Array.of(104, 105), "hi"],
  ])("makes a request that verifies, of %s", async (_, payload, body) => {
    const request = await signedRequest(payload, { secret });
    expect(request.method).toBe("POST");
    expect(request.headers.get("content-type")).toBe("application/json");
    expect(new TextDecoder().decode(await verifySignature(request, { secret }))).toBe(body);
  });

  it("uses another URL and other headers", async () => {
    const request = await signedRequest("{}", {
      secret,
      url: "http://127.0.0.1:9/x",
      headers: { "x-signature": "forged", "x-more": "1" },
    });
    expect(request.url).toBe("http://127.0.0.1:9/x");
    expect(Object.fromEntries(request.headers)).toEqual({
      "content-type": "application/json",
      "x-signature": "forged",
      "x-more": "1",
    });
  });
});

it.each([undefined, ""])("throws when the secret is %j", async (missing) => {
  await expect(signPayload("{}", missing as string)).rejects.toThrow(/`secret`: expected/);
});
