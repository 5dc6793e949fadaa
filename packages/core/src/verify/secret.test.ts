import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createReceiver, type DeliveryReport, type Secret, verifySignature } from "../index.ts";

const body = "{}";
const sign = (secret: string) => createHmac("sha256", secret).update(body).digest("hex");
const warn = vi.spyOn(console, "warn");
beforeEach(() => warn.mockImplementation(() => {}));
afterEach(() => void vi.clearAllMocks());

const verify = (secret: unknown, signature: string, secretTimeoutMs?: number) =>
  verifySignature({ body, signature }, { secret: secret as Secret, ...(secretTimeoutMs && { secretTimeoutMs }) }).then(
    () => "genuine",
    ({ code, message, cause }) => ({ code, message, cause }),
  );

describe("entries that are not secrets", () => {
  it.each([
    undefined,
    null,
    "",
    " \t\n",
    "undefined",
    "null",
    " undefined ",
    "[object Object]",
    "[object Promise]",
    `\${POPP_WEBHOOK_SECRET}`,
    "$POPP_WEBHOOK_SECRET",
    "$(POPP_WEBHOOK_SECRET)",
    "{{ secret }}",
    "%POPP_WEBHOOK_SECRET%",
    "NaN",
    7,
    {},
    new Uint8Array(3),
  ])("are ignored and never used: %j", async (entry) => {
    const used = sign(String(entry));
    expect(await verify([entry, "the real one"], sign("the real one"))).toBe("genuine");
    expect(await verify([entry, "the real one"], used)).toMatchObject({ code: "SIGNATURE_MISMATCH" });
    expect(await verify([entry], used)).toMatchObject({ code: "SECRET_MISSING" });
  });

  it.each(["$2b$10$abc", "{not json", "whsec_undefined", "null-and-void", "100%", "Undefined"])(
    "are none of these: %j",
    async (secret) => {
      expect(await verify(secret, sign(secret))).toBe("genuine");
    },
  );

  it("are counted and never quoted in the message when no secret is left", async () => {
    const { message } = (await verify(["", 7, `\${MY_SECRET}`], sign(""))) as { message: string };
    expect(message).toBe(
      "No usable `secret` (3 given: blank, not a string, a placeholder). Copy it from Popp's Developer Portal.",
    );
  });

  it("are each reported once, with their position", async () => {
    const secret = ["a", "b", "c", "d", "", "undefined"];
    for (let at = 0; at < 3; at++) await verify(secret, sign("a"));
    expect(warn.mock.calls.map(([line]) => line)).toEqual([
      "[popp-webhooks] SECRET_MISSING: entry 5 of the list `secret` is blank and is ignored.",
      "[popp-webhooks] SECRET_MISSING: entry 6 of the list `secret` is a placeholder and is ignored.",
    ]);
  });
});

describe("the position of the matching secret", () => {
  it.each<[string, Secret, string, number | undefined]>([
    ["a single one", "one", "one", 0],
    ["the second", ["one", "two"], "two", 1],
    ["the third, behind one that is ignored", ["one", "", "two"], "two", 2],
    ["the first of two that are equal", ["one", "one"], "one", 0],
    ["of a function's", async () => ["one", undefined, "two"], "two", 2],
    ["none", ["one", "two"], "three", undefined],
  ])("is reported: %s", async (_, secret, used, place) => {
    for (const size of [10, 100_000]) {
      const large = JSON.stringify({ event: "X", data: { filler: "x".repeat(size) } });
      const reports: DeliveryReport[] = [];
      const onDelivery = (_outcome: unknown, report: DeliveryReport) => reports.push(report);
      const { receive } = createReceiver({ secret, on: {}, onDelivery, onError: () => {} });
      const headers = { "x-signature": createHmac("sha256", used).update(large).digest("hex") };
      await receive({ method: "POST", headers, body: large });
      expect(reports[0]?.secretIndex).toBe(place);
    }
  });
});

describe("a secret function that never settles", () => {
  const never = () => new Promise<string>(() => {});

  it("times out in verifySignature with the reason", async () => {
    expect(await verify(never, sign("a"), 10)).toMatchObject({
      code: "SECRET_MISSING",
      message: expect.stringContaining("secretTimeoutMs"),
    });
  });

  it("frees its in-flight slot in a receiver", async () => {
    const { receive } = createReceiver({
      secret: never,
      secretTimeoutMs: 10,
      maxInFlight: 1,
      on: {},
      onError: () => {},
    });
    const delivery = { method: "POST", headers: { "x-signature": sign("a") }, body };
    for (let at = 0; at < 3; at++) expect(JSON.parse((await receive(delivery)).body).error.code).toBe("SECRET_MISSING");
  });
});
