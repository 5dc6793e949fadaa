import crypto, { createHmac } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { createReceiver } from "./receiver.ts";
import { nodeHmac } from "./verify/hmac-node.ts";
import { webHmac } from "./verify/hmac-web.ts";
import type { SignatureCheck } from "./verify/signature.ts";
import { verifySignature } from "./verify-signature.ts";

/** Vectors that nobody here wrote lie beside a checkout, if at all. */
const vectors = fileURLToPath(new URL("../../../../shared/vectors/", import.meta.url));
const present = existsSync(vectors);
if (!present)
  process.stderr.write(
    "core: Wycheproof, RFC 4231, JSONTestSuite and the naughty strings are not beside this checkout; their tests are left out.\n",
  );

/** How many of each ran, told at the end: a suite that was not found, or found empty, would pass as well. */
const ran = new Map<string, number>();
const count = (what: string) => ran.set(what, (ran.get(what) ?? 0) + 1);
afterAll(() => {
  if (present)
    process.stderr.write(`core, vectors: ${[...ran].map(([what, times]) => `${times} ${what}`).join(", ")}.\n`);
});

const secret = "the signing secret";
const sign = (body: string | Uint8Array, key: string | Uint8Array = secret) =>
  createHmac("sha256", key).update(body).digest("hex");
const bytesIn = (path: string) => readFileSync(join(vectors, path));
const json = (path: string) => JSON.parse(bytesIn(path).toString());

interface MacTest {
  readonly tcId: number;
  readonly key: string;
  readonly msg: string;
  readonly tag: string;
  readonly result: string;
}

/** Both ways to compute: keys of the vectors are bytes, which no secret in Popp's portal is, so the leaves are asked. */
const checks: [string, SignatureCheck][] = [
  ["node:crypto", nodeHmac(crypto)],
  ["WebCrypto", webHmac],
];

const wycheproof = (): (MacTest & { readonly bits: number })[] => {
  const { testGroups }: { testGroups: { tagSize: number; tests: MacTest[] }[] } = json(
    "wycheproof_hmac_sha256_test.json",
  );
  return testGroups.flatMap(({ tagSize, tests }) => tests.map((test) => ({ ...test, bits: tagSize })));
};
const rfc4231 = (): (MacTest & { readonly bits: number })[] =>
  json("rfc4231_hmac_sha256.json").tests.map((test: MacTest & { case: number; tagBits: number }) => ({
    ...test,
    tcId: test.case,
    result: "valid",
    bits: test.tagBits,
  }));

describe.runIf(present).each(checks)("HMAC-SHA256 vectors, by %s", (name, check) => {
  it.each([
    ["Wycheproof", wycheproof, 174],
    ["RFC 4231", rfc4231, 7],
  ])("%s: whole genuine tags verify; modified and truncated ones do not", async (suite, tests, total) => {
    for (const { key, msg, tag, result, tcId, bits } of tests()) {
      const verdict = await check(Buffer.from(msg, "hex"), [Buffer.from(key, "hex")], [tag]);
      expect([tcId, verdict === 0]).toEqual([tcId, bits === 256 && result === "valid"]);
      count(`${suite} by ${name}`);
    }
    expect(ran.get(`${suite} by ${name}`)).toBe(total);
  });
});

describe.runIf(present)("HMAC-SHA256 vectors, through verifySignature", () => {
  /** Keys that are text, as a secret is, and not blank, which no secret may be; undefined for others. */
  const asSecret = (key: string) => {
    const text = Buffer.from(key, "hex").toString();
    return Buffer.from(text).toString("hex") === key && text.trim() !== "" ? text : undefined;
  };
  const verdict = (msg: string, tag: string, given: string) =>
    verifySignature({ body: Buffer.from(msg, "hex"), signature: tag }, { secret: given }).then(
      (body) => Buffer.from(body).toString("hex"),
      (error: { code: string }) => error.code,
    );

  it("text keys: the result is the bytes or the expected code", async () => {
    for (const { key, msg, tag, result, tcId, bits } of [...wycheproof(), ...rfc4231()]) {
      const given = asSecret(key);
      if (given === undefined) continue;
      const whole = result === "valid" ? msg : "SIGNATURE_MISMATCH";
      expect([tcId, await verdict(msg, tag, given)]).toEqual([tcId, bits === 256 ? whole : "SIGNATURE_MALFORMED"]);
      count("HMAC vectors by verifySignature");
    }
    expect(ran.get("HMAC vectors by verifySignature")).toBeGreaterThan(100);
  });

  it("truncated tags are malformed with any key", async () => {
    for (const { msg, tag, bits, tcId } of [...wycheproof(), ...rfc4231()]) {
      if (bits === 256) continue;
      expect([tcId, await verdict(msg, tag, secret)]).toEqual([tcId, "SIGNATURE_MALFORMED"]);
      count("truncated tags");
    }
    expect(ran.get("truncated tags")).toBeGreaterThan(50);
  });
});

async function receive(
  body: string | Uint8Array,
): Promise<{ status: number; code: string; path?: string | undefined }> {
  const { receive } = createReceiver({ secret, on: {} });
  const reply = await receive({ method: "POST", headers: { "x-signature": sign(body) }, body });
  const { status, error } = JSON.parse(reply.body);
  return { status: reply.status, code: error?.code ?? status, path: error?.issues?.[0]?.path };
}

describe.runIf(present)("JSONTestSuite, signed", () => {
  const folder = (name: string) =>
    present ? readdirSync(join(vectors, "JSONTestSuite", name)).map((file) => `JSONTestSuite/${name}/${file}`) : [];
  const parsing = folder("test_parsing");
  const named = (prefix: string) => parsing.filter((file) => file.split("/").pop()?.startsWith(prefix));

  it("every n_ file is PAYLOAD_MALFORMED", async () => {
    for (const file of named("n_")) {
      const expected = { status: 400, code: "PAYLOAD_MALFORMED", path: undefined };
      expect([file, await receive(bytesIn(file))]).toEqual([file, expected]);
      count("n_ files");
    }
    expect(ran.get("n_ files")).toBe(188);
  });

  it("every y_ file is unhandled if it is an object, otherwise PAYLOAD_INVALID", async () => {
    for (const file of named("y_")) {
      const isObject = bytesIn(file).toString().trim().startsWith("{");
      const expected = isObject
        ? { status: 200, code: "unhandled", path: undefined }
        : { status: 400, code: "PAYLOAD_INVALID", path: "" };
      expect([file, await receive(bytesIn(file))]).toEqual([file, expected]);
      count("y_ files");
    }
    expect(ran.get("y_ files")).toBe(95);
  });

  it("every i_ file and every odd file has one of the two results", async () => {
    for (const file of [...named("i_"), ...folder("test_transform")]) {
      const expected = { code: expect.stringMatching(/^(unhandled|PAYLOAD_(MALFORMED|INVALID))$/) };
      expect([file, await receive(bytesIn(file))]).toMatchObject([file, expected]);
      count("i_ and test_transform files");
    }
    expect(ran.get("i_ and test_transform files")).toBe(35 + 22);
  });

  it("every file as an event's data is answered, never with 500", async () => {
    for (const file of [...parsing, ...folder("test_transform")]) {
      const enveloped = Buffer.concat([Buffer.from('{"event":"X","data":{"value":'), bytesIn(file), Buffer.from("}}")]);
      const { status } = await receive(enveloped);
      expect([file, status === 200 || status === 400]).toEqual([file, true]);
      if (file.includes("/y_")) expect([file, status]).toEqual([file, 200]);
      count("files within an event");
    }
  });
});

describe.runIf(present)("the naughty strings", () => {
  const strings: string[] = present ? json("blns.json") : [];

  it("are preserved as event names, values and keys", async () => {
    const taken: unknown[] = [];
    const on = {
      UNRECOGNIZED: (event: unknown) => taken.push(event),
      CONVERSATION_STARTED: (event: unknown) => taken.push(event),
    };
    const receiver = createReceiver({ secret, on });
    for (const [at, naughty] of strings.entries()) {
      const eventId = `${at} ${naughty}`;
      const shared = {
        eventId,
        eventTimestamp: naughty,
        data: { recordId: naughty, organizationId: naughty, [`_${naughty}`]: naughty },
      };
      for (const event of [naughty, "CONVERSATION_STARTED"]) {
        if (event === "") continue;
        const body = JSON.stringify({ event, ...shared, eventId: `${event} ${eventId}` });
        const reply = await receiver.receive({ method: "POST", headers: { "x-signature": sign(body) }, body });
        expect([naughty, reply.status]).toEqual([naughty, 200]);
        const { event: kind, name = kind, ...rest } = Object(taken.pop());
        expect({ event: name, ...rest }).toMatchObject(JSON.parse(body));
        expect(rest.data).toEqual(shared.data);
        count("naughty strings");
      }
    }
    expect(ran.get("naughty strings")).toBe(2 * 515 - 1);
  });

  it("are never accepted as signatures", async () => {
    const { receive } = createReceiver({ secret, on: {} });
    for (const naughty of strings) {
      const reply = await receive({ method: "POST", headers: { "x-signature": naughty }, body: "{}" });
      expect([naughty, reply.status]).toEqual([naughty, 401]);
    }
  });
});
