import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createReceiver, type Receiver } from "./receiver.ts";

const secrets = ["the signing secret", "the one before"];
const sign = (body: Uint8Array, secret: string) => createHmac("sha256", secret).update(body).digest();

/** A delivery that may be genuine, and what was changed about it. */
interface Mutation {
  readonly method: string;
  readonly body: Uint8Array;
  readonly signed: Uint8Array;
  readonly secret: string;
  readonly spell: (digest: Buffer) => string | readonly string[] | undefined;
  readonly encoding: string | undefined;
}

const wild = fc.string({ maxLength: 80 });
const spellings: ((digest: Buffer) => string | readonly string[] | undefined)[] = [
  (digest) => digest.toString("hex"),
  (digest) => digest.toString("hex").toUpperCase(),
  (digest) => digest.toString("base64"),
  (digest) => digest.toString("base64url"),
  (digest) => `sha256=${digest.toString("hex")}`,
  (digest) => [`${"0".repeat(64)}`, digest.toString("hex")],
  () => undefined,
  (digest) => digest.toString("hex").slice(0, 63),
  (digest) => `${digest.toString("hex")}0`,
  (digest) => digest.subarray(0, 31).toString("base64"),
  (digest) => digest.toString("latin1"),
];

const bodies = fc.oneof(
  fc
    .record({
      event: fc.oneof(fc.constantFrom("CONVERSATION_STARTED", "UNRECOGNIZED", "__proto__"), wild),
      eventId: fc.oneof(wild, fc.integer(), fc.constant(undefined)),
      eventTimestamp: fc.oneof(wild, fc.constant(null)),
      data: fc.oneof(fc.record({ recordId: wild, organizationId: wild }), fc.jsonValue()),
    })
    .map((event) => Buffer.from(JSON.stringify(event))),
  fc.json().map((json) => Buffer.from(json)),
  fc.uint8Array({ maxLength: 60 }),
);

const mutations: fc.Arbitrary<Mutation> = fc
  .record({
    method: fc.oneof(
      { weight: 30, arbitrary: fc.constant("POST") },
      { weight: 1, arbitrary: fc.constantFrom("GET", "PUT", "post", "") },
    ),
    signed: bodies,
    flip: fc.oneof({ weight: 2, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.nat() }),
    secret: fc.constantFrom(...secrets, "another secret", "the signing secret "),
    spell: fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom(...spellings) },
      { weight: 1, arbitrary: wild.map((text) => () => text) },
    ),
    encoding: fc.oneof(
      { weight: 30, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom("identity", "gzip", "", "br, gzip") },
    ),
  })
  .map(({ flip, signed, ...rest }) => ({ ...rest, signed, body: flipped(signed, flip) }));

/** One bit changed, or none. */
function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  if (bit < 0 || bytes.length === 0) return bytes;
  const copy = Uint8Array.from(bytes);
  const at = (bit >> 3) % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

/** Decides by node:crypto, and without a line of core, whether a delivery carries a signature of its bytes. */
function isGenuine({ body, signed, secret, spell }: Mutation): boolean {
  const sent = spell(sign(signed, secret));
  const digests = secrets.map((one) => sign(body, one));
  const accepted = digests.flatMap((digest) => {
    const hex = digest.toString("hex");
    return [
      hex,
      digest.toString("base64"),
      digest.toString("base64").replace(/=$/, ""),
      digest.toString("base64url"),
      `${digest.toString("base64url")}=`,
    ];
  });
  return [sent ?? []]
    .flat()
    .join(",")
    .split(",")
    .some((value) => {
      const bare = value.trim().replace(/^sha256=/, "");
      return accepted.includes(bare) || accepted.includes(bare.toLowerCase());
    });
}

const KNOWN =
  /^(METHOD_NOT_ALLOWED|ENCODING_UNSUPPORTED|BODY_TOO_LARGE|SIGNATURE_(MISSING|MALFORMED|MISMATCH)|PAYLOAD_(MALFORMED|INVALID))$/;

/** Sends a mutation, and says what is wrong with the answer; undefined when nothing is. */
async function wrongWith(mutation: Mutation, { receive }: Receiver, handed: Uint8Array): Promise<string | undefined> {
  const signature = mutation.spell(sign(mutation.signed, mutation.secret));
  const headers = { "x-signature": signature, "content-encoding": mutation.encoding };
  const { status, body } = await receive({ method: mutation.method, headers, body: handed });
  const code = JSON.parse(body).error?.code;
  if (status >= 500) return `${status} ${code}`;
  if (status === 200) return isGenuine(mutation) ? undefined : "200 without a valid signature";
  if (!KNOWN.test(code)) return `unknown code ${code}`;
  if (/^SIGNATURE/.test(code) && isGenuine(mutation)) return `${code} for a genuine delivery`;
  return undefined;
}

const RUNS = 100_000;

describe("mutated deliveries", () => {
  it(`${RUNS} of them: no 500, no 200 without a valid signature, every refusal known`, async () => {
    const receiver = createReceiver({ secret: secrets, on: { CONVERSATION_STARTED: () => {} }, maxBytes: 10_000 });
    const seen = new Map<boolean, number>();
    await fc.assert(
      fc.asyncProperty(mutations, async (mutation) => {
        const genuine = isGenuine(mutation);
        seen.set(genuine, (seen.get(genuine) ?? 0) + 1);
        expect(await wrongWith(mutation, receiver, mutation.body)).toBeUndefined();
      }),
      { seed: 20_261_123, numRuns: RUNS },
    );
    for (const genuine of [true, false]) expect(seen.get(genuine)).toBeGreaterThan(RUNS / 10);
  }, 120_000);

  it("bites: a receiver whose body was decoded first refuses genuine deliveries", async () => {
    const receiver = createReceiver({ secret: secrets, on: {} });
    const outcome = await fc.check(
      fc.asyncProperty(mutations, async (mutation) => {
        const decoded = new TextEncoder().encode(new TextDecoder().decode(mutation.body));
        return (await wrongWith(mutation, receiver, decoded)) === undefined;
      }),
      { seed: 1, numRuns: 5_000 },
    );
    expect(outcome.failed).toBe(true);
  });
});
