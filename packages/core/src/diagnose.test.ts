import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HYPOTHESES } from "./diagnose/hypotheses.ts";
import { explainMismatch, type MismatchCause, type MismatchedDelivery } from "./diagnose.ts";

const secret = "popp-signing-secret";
const sent =
  '{"event":"CONVERSATION_STARTED","eventId":"evt_9","eventTimestamp":"2026-11-01T12:00:00Z","data":{"note":"caf\u00e9 a/b"}}';
const sign = (body: string | Uint8Array, key: string | Uint8Array = secret) =>
  createHmac("sha256", key).update(body).digest("hex");
const formatted = JSON.stringify(JSON.parse(sent), null, 2);
const escaped = sent.replace("é", "\\u00e9").replace("a/b", "a\\/b");

/** Each cause, as the mistake behind it really happens. */
const mistakes: [MismatchCause, MismatchedDelivery][] = [
  ["matches", { body: sent, signature: sign(sent), secret }],
  ["matches", { body: sent, signature: ["junk", sign(sent)], secret: ["other", secret] }],
  ["secret-whitespace", { body: sent, signature: sign(sent), secret: `${secret}\n` }],
  ["secret-quotes", { body: sent, signature: sign(sent), secret: `"${secret}"` }],
  ["secret-line-end-missing", { body: sent, signature: sign(sent, `${secret}\n`), secret }],
  [
    "secret-encoded",
    { body: sent, signature: sign(sent, Buffer.from(secret)), secret: Buffer.from(secret).toString("hex") },
  ],
  [
    "secret-encoded",
    { body: sent, signature: sign(sent, Buffer.from(secret)), secret: Buffer.from(secret).toString("base64") },
  ],
  ["body-parsed", { body: formatted, signature: sign(sent), secret }],
  ["body-was-formatted", { body: JSON.stringify(JSON.parse(formatted)), signature: sign(formatted), secret }],
  ["body-was-formatted", { body: '{"a":1,"b":[1,2]}', signature: sign('{"a": 1, "b": [1, 2]}'), secret }],
  ["body-escapes-lost", { body: JSON.stringify(JSON.parse(escaped)), signature: sign(escaped), secret }],
  ["body-bom-added", { body: `\ufeff${sent}`, signature: sign(sent), secret }],
  [
    "body-bom-removed",
    { body: new TextDecoder().decode(Buffer.from(`\ufeff${sent}`)), signature: sign(`\ufeff${sent}`), secret },
  ],
  ["body-line-ends", { body: `${formatted}x`, signature: sign(`${formatted}x`.replaceAll("\n", "\r\n")), secret }],
  ["body-end", { body: sent, signature: sign(`${sent}\n`), secret }],
  ["body-quoted", { body: JSON.stringify(sent), signature: sign(sent), secret }],
  ["body-empty", { body: sent, signature: sign(""), secret }],
  ["signed-content", { body: sent, signature: sign(`2026-11-01T12:00:00Z.${sent}`), secret }],
  ["signed-content", { body: sent, signature: sign(`evt_9.${sent}`), secret }],
  ["signature-missing", { body: sent, signature: null, secret }],
  ["secret-missing", { body: sent, signature: sign(sent), secret: [" "] }],
  ["signature-length", { body: sent, signature: createHmac("sha1", secret).update(sent).digest("hex"), secret }],
  ["signature-undecodable", { body: sent, signature: sign(sent).slice(1), secret }],
  ["body-object", { body: JSON.parse(sent), signature: sign(sent), secret }],
  [
    "body-replaced",
    {
      body: new TextDecoder().decode(Uint8Array.of(...Buffer.from(sent), 0xff)),
      signature: sign(Uint8Array.of(...Buffer.from(sent), 0xff)),
      secret,
    },
  ],
  ["unknown", { body: sent, signature: sign(sent, "the secret of another endpoint"), secret }],
];

describe("explainMismatch", () => {
  it.each(mistakes)("finds %s", async (cause, delivery) => {
    const { cause: found, explanation } = await explainMismatch(delivery);
    expect(found).toBe(cause);
    expect(explanation).toMatch(/^[A-Z].*\.$/);
  });

  it("is tested for every cause it may name", () => {
    const tested = new Set(mistakes.map(([cause]) => cause));
    expect(HYPOTHESES.map(({ cause }) => cause).filter((cause) => !tested.has(cause))).toEqual([]);
  });

  it("never throws, and never tells a secret, a signature or anything of the body", async () => {
    const word = fc.string({ minLength: 12, maxLength: 24, unit: fc.constantFrom(..."qxzjkvw0123456789") });
    await fc.assert(
      fc.asyncProperty(word, word, fc.oneof(word, fc.constantFrom("hex", "sha1", null)), async (key, text, kind) => {
        const body = JSON.stringify({ event: "X", text });
        const signature =
          kind === "hex" ? sign(body, key) : kind === "sha1" ? createHash("sha1").update(body).digest("hex") : kind;
        for (const given of [key, `${key} `, [key, "b"]]) {
          const answer = JSON.stringify(await explainMismatch({ body, signature, secret: given }));
          for (const hidden of [key, text, signature ?? key, sign(body, key)]) expect(answer).not.toContain(hidden);
        }
      }),
      { seed: 9, numRuns: 60 },
    );
    for (const strange of [undefined, null, 5, {}, []]) {
      const answer = await explainMismatch({
        body: strange as never,
        signature: strange as never,
        secret: strange as never,
      });
      expect(answer.cause).toBe("body-object");
    }
  });
});
