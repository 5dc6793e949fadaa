import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explainMismatch, type MismatchCause, type MismatchedDelivery } from "./explain-mismatch.ts";

const secret = "popp-signing-secret";
const sent =
  '{"event":"CONVERSATION_STARTED","eventId":"evt_9","eventTimestamp":"2026-11-01T12:00:00Z","data":{"note":"café a/b <i>’"}}';
const value = JSON.parse(sent);
const sign = (body: string | Uint8Array, key: string | Uint8Array = secret) =>
  createHmac("sha256", key).update(body).digest("hex");
const signature = sign(sent);
/** Bytes that were moved elsewhere: nothing can be read from them. */
const detached = () => {
  const bytes = new ArrayBuffer(4);
  structuredClone(bytes, { transfer: [bytes] });
  return bytes;
};
const formatted = JSON.stringify(value, null, 2);
const onWindows = formatted.replaceAll("\n", "\r\n");
const broken = Uint8Array.of(...Buffer.from(sent), 0xff);

/** As other languages write the same event by default. */
const python =
  '{"event": "X", "eventId": "1", "data": {"note": "caf\\u00e9 <b/> [ a ] { }", "none": [], "some": [1, 2]}, "n": {}}';
const php = '{"event":"X","url":"https:\\/\\/popp.example\\/caf\\u00e9"}';
const phpUnicode = '{"event":"X","url":"https:\\/\\/popp.example\\/café"}';
const go = '{"event":"X","html":"\\u003ci\\u003e café \\u0026"}';
const dotnet = '{"event":"X","html":"\\u003Ci\\u003E caf\\u00E9 \\u0026"}';
const expressed = (body: string) => ({ body: JSON.stringify(JSON.parse(body)), signature: sign(body), secret });

type Case = [how: string, delivery: MismatchedDelivery];

/** Each cause, as the mistake behind it really happens. */
const mistakes: Readonly<Record<MismatchCause, readonly Case[]>> = {
  matches: [
    ["as text", { body: sent, signature, secret }],
    ["as a buffer", { body: new Uint8Array(Buffer.from(sent)).buffer, signature, secret }],
    ["in upper case", { body: sent, signature: signature.toUpperCase(), secret }],
    ["in base64", { body: sent, signature: Buffer.from(signature, "hex").toString("base64"), secret }],
    ["the second secret", { body: sent, signature: ["junk", signature], secret: ["other", secret] }],
    ["the first secret", { body: sent, signature, secret: [secret, "other"] }],
    ["a secret from a vault", { body: sent, signature, secret: async () => secret }],
    [
      "the scheme's content, with a header in it",
      {
        body: sent,
        signature: sign(`17.${sent}`),
        secret,
        scheme: { header: "x-other", signedContent: (body, header) => `${header("X-Time")}.${Buffer.from(body)}` },
        headers: { "X-TIME": "17" },
      },
    ],
  ],
  "secret-whitespace": [
    ["a line end from a file", { body: sent, signature, secret: `${secret}\n` }],
    ["of the second secret", { body: sent, signature, secret: ["other", ` ${secret}\r\n`] }],
  ],
  "secret-quotes": [
    ["from an .env file", { body: sent, signature, secret: `"${secret}"` }],
    ["from a shell", { body: sent, signature, secret: `'${secret}'\n` }],
    ["curly ones of a word processor", { body: sent, signature, secret: `“${secret}”` }],
    ["quotes within quotes", { body: sent, signature, secret: `'"${secret}"'` }],
  ],
  "secret-invisible-characters": [
    ["a zero-width space from a chat", { body: sent, signature, secret: `${secret}\u200b` }],
    ["a byte order mark from an editor", { body: sent, signature, secret: `\ufeff${secret}` }],
    ["a soft hyphen in the middle", { body: sent, signature, secret: secret.replace("-", "-\u00ad") }],
    ["a zero-width space within quotes", { body: sent, signature, secret: `"${secret}\u200d"` }],
  ],
  "secret-name-kept": [
    ["of an .env file", { body: sent, signature, secret: `POPP_WEBHOOK_SECRET=${secret}` }],
    ["with export and quotes", { body: sent, signature, secret: `export POPP_WEBHOOK_SECRET="${secret}"\n` }],
    ["of a YAML file", { body: sent, signature, secret: `poppSecret: '${secret}'` }],
    ["of a JSON file", { body: sent, signature, secret: `"POPP_WEBHOOK_SECRET": "${secret}"` }],
  ],
  "secret-joined": [
    ["by commas", { body: sent, signature, secret: `other, ${secret}` }],
    ["by a line end", { body: sent, signature, secret: `${secret}\nother` }],
    ["as a JSON array", { body: sent, signature, secret: JSON.stringify(["other", secret]) }],
    ["by semicolons", { body: sent, signature, secret: `${secret};other` }],
  ],
  "secret-escaped": [
    ["a literal line end", { body: sent, signature, secret: `${secret}\\n` }],
    ["a literal line end within quotes", { body: sent, signature, secret: `"${secret}\\r\\n"` }],
    ["backslashes of a shell", { body: sent, signature: sign(sent, "pa$$ word"), secret: "pa\\$\\$\\ word" }],
    ["percent-encoding", { body: sent, signature: sign(sent, "a/b+c==é"), secret: "a%2Fb%2Bc%3D%3D%C3%A9" }],
    ["a form's encoding", { body: sent, signature: sign(sent, "two words/"), secret: "two+words%2F" }],
    ["HTML entities", { body: sent, signature: sign(sent, "a&b<c"), secret: "a&amp;b&lt;c" }],
  ],
  "scheme-differs": [
    [
      "signed content that is not",
      { body: sent, signature, secret, scheme: { signedContent: (body) => `v1.${body}` } },
    ],
  ],
  "scheme-failed": [["throws", { body: sent, signature, secret, scheme: { signedContent: () => JSON.parse("{") } }]],
  "secret-line-end-missing": [["saved by echo", { body: sent, signature: sign(sent, `${secret}\n`), secret }]],
  "secret-encoded": [
    ["in hex", { body: sent, signature, secret: Buffer.from(secret).toString("hex") }],
    ["in base64", { body: sent, signature, secret: Buffer.from(secret).toString("base64") }],
    ["in base64 with a line end", { body: sent, signature, secret: Buffer.from(`${secret}\n`).toString("base64") }],
    ["in base64, in quotes", { body: sent, signature, secret: `"${Buffer.from(secret).toString("base64")}"\n` }],
    ["in base64url", { body: sent, signature: sign(sent, Buffer.of(255, 254, 253)), secret: "__79" }],
  ],
  "secret-missing": [
    ["a variable that is not set", { body: sent, signature, secret: () => undefined }],
    ["a template string of nothing", { body: sent, signature, secret: `${undefined}` }],
    [
      "a vault that is down",
      {
        body: sent,
        signature,
        secret: () => {
          throw null;
        },
      },
    ],
  ],
  "body-parsed": [["and formatted", { body: formatted, signature, secret }]],
  "body-was-formatted": [
    ["by two spaces", expressed(formatted)],
    ["by four", expressed(JSON.stringify(value, null, 4))],
    ["by tabs", expressed(JSON.stringify(value, null, "\t"))],
    ["as Python does", expressed('{"a": 1, "b": [1, 2], "c": {}, "d": [], "e": "[ x ]"}')],
  ],
  "body-escapes-lost": [
    ["of Python", expressed(python)],
    ["of PHP", expressed(php)],
    ["of PHP, with JSON_UNESCAPED_UNICODE", expressed(phpUnicode)],
    ["of Go", expressed(go)],
    ["of .NET", expressed(dotnet)],
  ],
  "body-quoted": [["by a serializer", { body: JSON.stringify(sent), signature, secret }]],
  "body-bom-added": [["by an editor", { body: `\ufeff${sent}`, signature, secret }]],
  "body-bom-removed": [
    [
      "by request.text()",
      { body: new TextDecoder().decode(Buffer.from(`\ufeff${sent}`)), signature: sign(`\ufeff${sent}`), secret },
    ],
  ],
  "body-line-ends": [
    ["to LF", { body: onWindows.replaceAll("\r\n", "\n"), signature: sign(onWindows), secret }],
    ["to CRLF", { body: `${onWindows},`, signature: sign(`${formatted},`), secret }],
  ],
  "body-end": [
    ["trimmed", { body: `${formatted}\n`.trim(), signature: sign(`${formatted}\n`), secret }],
    ["added", { body: `${sent}\n`, signature, secret }],
  ],
  "body-base64": [["by a gateway", { body: Buffer.from(sent).toString("base64"), signature, secret }]],
  "body-charset": [
    ["latin1", { body: Buffer.from(sent).toString("latin1"), signature, secret }],
    ["windows-1252", { body: sent.replace("é", "Ã©").replace("’", "â€™"), signature, secret }],
  ],
  "body-empty": [["signed without its body", { body: sent, signature: sign(""), secret }]],
  "body-missing": [
    ["a stream read twice", { body: "", signature, secret }],
    ["no parser was mounted", { body: undefined as never, signature, secret }],
  ],
  "body-object": [["by express.json()", { body: JSON.parse(sent), signature, secret }]],
  "body-replaced": [["by request.text()", { body: new TextDecoder().decode(broken), signature: sign(broken), secret }]],
  "signed-content": [
    [
      "timestamp.body, whatever the scheme",
      {
        body: sent,
        signature: sign(`${value.eventTimestamp}.${sent}`),
        secret,
        scheme: { signedContent: (body) => new Uint8Array(body).reverse() },
      },
    ],
    ["timestamp.body", { body: sent, signature: sign(`${value.eventTimestamp}.${sent}`), secret }],
    ["eventId.body", { body: sent, signature: sign(`evt_9.${sent}`), secret }],
    ["eventId.timestamp.body", { body: sent, signature: sign(`evt_9.${value.eventTimestamp}.${sent}`), secret }],
  ],
  "signature-missing": [
    ["by a proxy", { body: sent, signature: null, secret }],
    ["empty", { body: sent, signature: " ", secret }],
  ],
  "signature-decorated": [
    ["by quotes", { body: sent, signature: `"${signature}"`, secret }],
    ["by a version", { body: sent, signature: `t=1793534400,v1=${signature}`, secret }],
    ["by a scheme", { body: sent, signature: `HMAC ${signature}`, secret }],
  ],
  "signature-encoded-twice": [
    ["in base64", { body: sent, signature: Buffer.from(signature).toString("base64"), secret }],
    ["in hex", { body: sent, signature: Buffer.from(signature).toString("hex"), secret }],
  ],
  "signature-length": [
    ["SHA-1", { body: sent, signature: createHmac("sha1", secret).update(sent).digest("hex"), secret }],
    ["SHA-512", { body: sent, signature: createHmac("sha512", secret).update(sent).digest("hex"), secret }],
    ["SHA-512, base64", { body: sent, signature: createHmac("sha512", secret).update(sent).digest("base64"), secret }],
    ["MD5 of the body", { body: sent, signature: `md5=${createHash("md5").update(sent).digest("hex")}`, secret }],
  ],
  "signature-undecodable": [
    ["cut off", { body: sent, signature: signature.slice(1), secret }],
    ["mistyped", { body: sent, signature: `${signature.slice(1)}g`, secret }],
    ["no text at all", { body: sent, signature: Object.create(null), secret }],
  ],
  unknown: [
    ["another endpoint's secret", { body: sent, signature: sign(sent, "another"), secret }],
    ["bytes that are no UTF-8", { body: broken, signature: sign(broken, "another"), secret }],
    ["another event", { body: sent, signature: sign(sent.replace("evt_9", "evt_8")), secret }],
    ["nested deeper than the stack", { body: "[".repeat(50_000) + "]".repeat(50_000), signature, secret }],
  ],
  failed: [["something else altogether", { body: detached(), signature, secret }]],
};
const cases = Object.entries(mistakes).flatMap(([cause, list]) => list.map((one) => [cause, ...one] as const));

describe("explainMismatch", () => {
  it.each(cases)("names %s: %s", async (cause, _, delivery) => {
    const found = await explainMismatch(delivery);
    expect(found.cause).toBe(cause);
    expect(found.explanation).toMatch(/^[A-Z].*\.$/);
  });

  it("has one fixed sentence per cause, so it cannot leak its input", async () => {
    const sentences = new Set<string>();
    for (const [, , delivery] of cases) sentences.add(JSON.stringify(await explainMismatch(delivery)));
    expect(sentences.size).toBe(Object.keys(mistakes).length);

    const word = fc.string({ minLength: 12, maxLength: 24, unit: fc.constantFrom(..."qxzjkvw0123456789") });
    const change = fc.constantFrom<(body: string) => string>(
      (body) => body,
      (body) => JSON.stringify(JSON.parse(body), null, 2),
      (body) => `\ufeff${body}\n`,
      (body) => Buffer.from(body).toString("base64"),
    );
    const algorithm = fc.constantFrom("sha256", "sha1", "sha512");
    await fc.assert(
      fc.asyncProperty(word, word, change, algorithm, fc.boolean(), async (key, text, changed, hash, known) => {
        const body = JSON.stringify({ event: "X", text });
        const digest = createHmac(hash, key).update(body).digest("hex");
        const given = known ? [`${key}\n`, "b"] : `${text}-${key}`;
        const answer = JSON.stringify(await explainMismatch({ body: changed(body), signature: digest, secret: given }));
        expect(sentences).toContain(answer);
        for (const hidden of [key, text, digest, sign(body, key)]) expect(answer).not.toContain(hidden);
      }),
      { seed: 9, numRuns: 200 },
    );
  });

  it("never throws for any input", async () => {
    const anything = fc.anything({ withNullPrototype: true, withTypedArray: true, withBigInt: true, withMap: true });
    const bytes = fc.oneof(fc.uint8Array(), fc.string({ unit: "binary" }), fc.json());
    const delivery = fc.record(
      {
        body: fc.oneof(anything, bytes),
        signature: fc.oneof(anything, fc.string(), fc.constant(signature)),
        secret: fc.oneof(anything, fc.string({ minLength: 1 }), fc.constant(secret)),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(anything, { weight: 4, arbitrary: delivery }), async (strange) => {
        expect(mistakes).toHaveProperty((await explainMismatch(strange as never)).cause);
      }),
      { seed: 9, numRuns: 2_000 },
    );
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const strange of [proxy, { body: detached(), signature, secret }])
      expect(await explainMismatch(strange as never)).toMatchObject({ cause: "failed" });
  });
});
