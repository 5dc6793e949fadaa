import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createReceiver, type Receiver } from "./receiver.ts";
import { type SignedBody, verifySignature } from "./verify-signature.ts";

const secrets = ["the signing secret", "the one before"];
const sign = (body: Uint8Array, secret: string) => createHmac("sha256", secret).update(body).digest();

/** A way to write a digest into the header, or what only looks like one. */
type Spelling = (digest: Buffer) => string | readonly string[] | undefined;

/** A delivery that may be genuine, and what was changed about it. */
interface Mutation {
  readonly method: string;
  readonly body: Uint8Array;
  readonly signed: Uint8Array;
  readonly secret: string;
  readonly spell: Spelling;
  readonly headerName: string;
  readonly others: Readonly<Record<string, string | undefined>>;
}

const MAX_BYTES = 10_000;
const wild = fc.string({ maxLength: 80 });
const junk = (count: number) => Array.from({ length: count }, (_, at) => `${at}`.repeat(64));
const spellings: Spelling[] = [
  (digest) => digest.toString("hex"),
  (digest) => digest.toString("hex").toUpperCase(),
  (digest) => digest.toString("base64"),
  (digest) => digest.toString("base64url"),
  (digest) => `sha256=${digest.toString("hex")}`,
  (digest) => `sha256=${digest.toString("base64url")}`,
  (digest) => [...junk(7), digest.toString("hex")],
  (digest) => [...junk(8), digest.toString("hex")],
  (digest) => `,, ${digest.toString("base64")} ,`,
  (digest) => `SHA256=${digest.toString("hex")}`,
  (digest) => `"${digest.toString("hex")}"`,
  (digest) => digest.toString("base64").toLowerCase(),
  (digest) => Buffer.from(digest.toString("hex")).toString("base64"),
  (digest) => digest.toString("hex").replace(/^./, "\uff10"),
  () => undefined,
  (digest) => digest.toString("hex").slice(0, 63),
  (digest) => `${digest.toString("hex")}0`,
  (digest) => digest.subarray(0, 31).toString("base64"),
  (digest) => digest.toString("latin1"),
];

const data = fc.oneof(
  { weight: 3, arbitrary: fc.record({ recordId: wild, organizationId: wild }) },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const event = fc.record({
  event: fc.oneof(fc.constantFrom("CONVERSATION_STARTED", "UNRECOGNIZED", "__proto__"), wild),
  eventId: fc.oneof(wild, fc.integer(), fc.constant(undefined)),
  eventTimestamp: fc.oneof(wild, fc.constant(null)),
  data,
});
const bodies = fc.oneof(
  { weight: 4, arbitrary: event.map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 1, arbitrary: fc.json().map((json) => Buffer.from(json)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
);

/** What may happen to bytes on their way. */
const changes: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc.oneof(
  { weight: 8, arbitrary: fc.constant((bytes: Uint8Array) => bytes) },
  { weight: 3, arbitrary: fc.nat().map((bit) => (bytes: Uint8Array) => flipped(bytes, bit)) },
  { weight: 1, arbitrary: fc.nat(80).map((end) => (bytes: Uint8Array) => bytes.subarray(0, end)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4 }).map((more) => (bytes: Uint8Array) => joined(bytes, more)) },
  { weight: 1, arbitrary: fc.constant((bytes: Uint8Array) => joined(Uint8Array.of(0xef, 0xbb, 0xbf), bytes)) },
);

const mutations: fc.Arbitrary<Mutation> = fc
  .record({
    method: mostly("POST", fc.constantFrom("GET", "PUT", "post", "POST ", "")),
    signed: bodies,
    change: changes,
    secret: fc.constantFrom(...secrets, ...secrets, ...secrets, "another secret", "the signing secret "),
    spell: fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom(...spellings) },
      { weight: 1, arbitrary: wild.map((text) => () => text) },
    ),
    headerName: fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom("x-signature", "X-Signature", "X-SIGNATURE") },
      { weight: 1, arbitrary: fc.constantFrom("signature", "x-signature-", " x-signature") },
    ),
    others: fc.record({
      "content-encoding": mostly(undefined, fc.constantFrom("identity", "gzip", "", "br, gzip", "IDENTITY")),
      "Content-Length": mostly(undefined, fc.constantFrom("0", "-1", "NaN", `${MAX_BYTES + 1}`, "1e9", "")),
      "content-type": fc.constantFrom(undefined, "application/json", "text/plain; charset=latin1", "\u0000"),
    }),
  })
  .map(({ change, signed, ...rest }) => ({ ...rest, signed, body: change(signed) }));

function mostly<Value>(usual: Value, rare: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  return fc.oneof({ weight: 30, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: rare });
}

/** One bit changed. */
function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  if (bytes.length === 0) return bytes;
  const copy = Uint8Array.from(bytes);
  const at = (bit >> 3) % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  return Buffer.concat([first, second]);
}

/** Decides by node:crypto, and without a line of core, whether a delivery carries a signature of its bytes. */
function isGenuine({ body, signed, secret, spell, headerName }: Mutation): boolean {
  if (headerName.toLowerCase() !== "x-signature") return false;
  const values = [spell(sign(signed, secret)) ?? []].flat().join(",").split(",").slice(0, 8);
  return secrets
    .map((one) => sign(body, one))
    .some((digest) =>
      values.some((value) => {
        const bare = value.trim().replace(/^sha256=/, "");
        const unpadded = bare.length === 44 ? bare.replace(/=$/, "") : bare;
        return (
          bare.toLowerCase() === digest.toString("hex") ||
          unpadded === digest.toString("base64url") ||
          unpadded === digest.toString("base64").slice(0, 43)
        );
      }),
    );
}

const KNOWN =
  /^(METHOD_NOT_ALLOWED|ENCODING_UNSUPPORTED|BODY_TOO_LARGE|SIGNATURE_(MISSING|MALFORMED|MISMATCH)|PAYLOAD_(MALFORMED|INVALID))$/;

/** Sends a mutation, and says what came of it, and what is wrong with that; nothing when it is as it should be. */
async function sent(mutation: Mutation, { receive }: Receiver, handed = mutation.body) {
  const signature = mutation.spell(sign(mutation.signed, mutation.secret));
  const headers = { [mutation.headerName]: signature, ...mutation.others };
  const { status, body } = await receive({ method: mutation.method, headers, body: handed });
  const code: string = JSON.parse(body).error?.code ?? "OK";
  const genuine = isGenuine(mutation);
  const wrong = [
    status >= 500 && `${status} ${code}`,
    status === 200 && !genuine && "200 without a valid signature",
    (status === 200) !== (code === "OK") && `${status} with ${code}`,
    status !== 200 && !KNOWN.test(code) && `unknown code ${code}`,
    code.startsWith("SIGNATURE") && genuine && `${code} for a genuine delivery`,
    code.startsWith("PAYLOAD") && !genuine && `${code} for a forged delivery`,
  ].filter((complaint) => complaint !== false);
  return { code, wrong };
}

/** All of them in CI. A smaller number finds most mistakes, and takes a second instead of several. */
const RUNS = process.env.CI ? 100_000 : 20_000;
const ENDS = [
  "OK",
  "METHOD_NOT_ALLOWED",
  "ENCODING_UNSUPPORTED",
  "BODY_TOO_LARGE",
  "SIGNATURE_MISSING",
  "SIGNATURE_MALFORMED",
  "SIGNATURE_MISMATCH",
  "PAYLOAD_MALFORMED",
  "PAYLOAD_INVALID",
];

describe("mutated deliveries", () => {
  const receiver = createReceiver({ secret: secrets, on: { CONVERSATION_STARTED: () => {} }, maxBytes: MAX_BYTES });

  it(`${RUNS} of them: no 500, no 200 without a valid signature, every refusal known`, async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(mutations, async (mutation) => {
        const { code, wrong } = await sent(mutation, receiver);
        seen.set(code, (seen.get(code) ?? 0) + 1);
        expect(wrong).toEqual([]);
      }),
      { seed: 20_261_123, numRuns: RUNS },
    );
    for (const end of ENDS) expect([end, (seen.get(end) ?? 0) > RUNS / 1_000]).toEqual([end, true]);
    expect(seen.get("OK")).toBeGreaterThan(RUNS / 20);
  });

  it("verifySignature decides the same on a whole body and on a request", async () => {
    const seen = new Map<string, number>();
    for (const mutation of fc.sample(mutations, { seed: 2, numRuns: 3_000 })) {
      const { body, spell, signed, secret } = mutation;
      const signature = spell(sign(signed, secret));
      const verdict = await verdictOn({ body, signature });
      const request = requestOf(body, signature);
      if (request) expect(await verdictOn(request)).toBe(verdict);
      expect(verdict === "genuine").toBe(isGenuine({ ...mutation, headerName: "x-signature" }));
      seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
    }
    for (const verdict of ["genuine", "SIGNATURE_MISSING", "SIGNATURE_MALFORMED", "SIGNATURE_MISMATCH"])
      expect([verdict, (seen.get(verdict) ?? 0) > 50]).toEqual([verdict, true]);
  });

  const verdictOn = (source: Request | SignedBody): Promise<string> =>
    verifySignature(source, { secret: secrets }).then(
      () => "genuine",
      ({ code }) => code,
    );

  /** Undefined where the signature has characters that no header can have. */
  function requestOf(body: Uint8Array, signature: SignedBody["signature"]): Request | undefined {
    const value = [signature ?? []].flat().join(", ");
    if (!/^[ -~]*$/.test(value)) return undefined;
    return new Request("http://localhost/", {
      method: "POST",
      body: Uint8Array.from(body),
      headers: { "x-signature": value },
    });
  }

  /** What a receiver does wrong that verifies other bytes than those that arrived. */
  const violations: [what: string, handed: (mutation: Mutation) => Uint8Array, wrong: string][] = [
    [
      "a body that was decoded to text and encoded again",
      ({ body }) => new TextEncoder().encode(new TextDecoder().decode(body)),
      "SIGNATURE_MISMATCH for a genuine delivery",
    ],
    ["the body as it was signed, not as it arrived", ({ signed }) => signed, "200 without a valid signature"],
  ];
  it.each(violations)("finds: %s", async (_, handed, expected) => {
    const found = new Set<string>();
    for (const mutation of fc.sample(mutations, { seed: 1, numRuns: 5_000 })) {
      const { wrong } = await sent(mutation, receiver, handed(mutation));
      for (const complaint of wrong) found.add(complaint);
    }
    expect(found).toContain(expected);
  });
});
