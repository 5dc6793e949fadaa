import crypto, { createHmac } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { nodeHmac } from "./hmac-node.ts";
import { webHmac } from "./hmac-web.ts";
import { parseEvent } from "./parse-event.ts";
import { createReceiver } from "./receiver.ts";
import type { SignatureCheck } from "./signature-check.ts";
import { assumeVerified } from "./verified-body.ts";
import { verifySignature } from "./verify-signature.ts";

/** Vectors that nobody here wrote lie beside a checkout, if at all. */
const vectors = fileURLToPath(new URL("../../../../shared/vectors/", import.meta.url));
const present = existsSync(vectors);
if (!present)
  process.stderr.write(
    "core: Wycheproof, RFC 4231, JSONTestSuite and the naughty strings are not beside this checkout; their tests are left out.\n",
  );

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

describe.runIf(present).each(checks)("HMAC-SHA256 vectors, by %s", (_, check) => {
  const verdict = async (key: string, msg: string, tag: string) =>
    check(Buffer.from(msg, "hex"), [Buffer.from(key, "hex")], [tag]);

  it("Wycheproof: genuine tags verify; broken and truncated ones do not", async () => {
    const groups: { tagSize: number; tests: MacTest[] }[] = json("wycheproof_hmac_sha256_test.json").testGroups;
    let ran = 0;
    for (const { tagSize, tests } of groups) {
      for (const { key, msg, tag, result, tcId } of tests) {
        expect([tcId, await verdict(key, msg, tag)]).toEqual([tcId, tagSize === 256 && result === "valid"]);
        ran++;
      }
    }
    expect(ran).toBe(174);
  });

  it("RFC 4231: all seven; the truncated tag does not verify", async () => {
    const tests: (MacTest & { tagBits: number })[] = json("rfc4231_hmac_sha256.json").tests;
    for (const { key, msg, tag, tagBits } of tests) expect(await verdict(key, msg, tag)).toBe(tagBits === 256);
    expect(tests).toHaveLength(7);
  });
});

describe.runIf(present)("truncated tags, through verifySignature", () => {
  it("are malformed", async () => {
    const groups: { tagSize: number; tests: MacTest[] }[] = json("wycheproof_hmac_sha256_test.json").testGroups;
    const truncated = groups.filter(({ tagSize }) => tagSize !== 256).flatMap(({ tests }) => tests);
    expect(truncated.length).toBeGreaterThan(50);
    for (const { msg, tag } of truncated) {
      await expect(
        verifySignature({ body: Buffer.from(msg, "hex"), signature: tag }, { secret }),
      ).rejects.toMatchObject({ code: "SIGNATURE_MALFORMED" });
    }
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
    for (const file of named("n_"))
      expect([file, await receive(bytesIn(file))]).toEqual([
        file,
        { status: 400, code: "PAYLOAD_MALFORMED", path: undefined },
      ]);
    expect(named("n_").length).toBeGreaterThan(150);
  });

  it("every y_ file is no event: PAYLOAD_INVALID, with a path", async () => {
    for (const file of named("y_"))
      expect([file, await receive(bytesIn(file))]).toEqual([
        file,
        { status: 400, code: "PAYLOAD_INVALID", path: expect.any(String) },
      ]);
    expect(named("y_").length).toBeGreaterThan(80);
  });

  it("no file crashes, and none gives a 500", async () => {
    for (const file of [...parsing, ...folder("test_transform")])
      expect((await receive(bytesIn(file))).status).toBe(400);
  });
});

describe.runIf(present)("the naughty strings", () => {
  const strings: string[] = present ? json("blns.json") : [];

  it("survive as event names and as values", async () => {
    for (const naughty of strings.filter((text) => text !== "")) {
      const sent = {
        event: naughty,
        eventId: naughty,
        eventTimestamp: naughty,
        data: { recordId: naughty, organizationId: naughty, [naughty]: naughty },
      };
      const body = JSON.stringify(sent);
      expect(await receive(body)).toMatchObject({ status: 200 });
      expect(parseEvent(assumeVerified(body))).toMatchObject({
        event: "UNRECOGNIZED",
        name: naughty,
        eventId: naughty,
        data: sent.data,
      });
    }
    expect(strings.length).toBeGreaterThan(400);
  });

  it("pass for signatures in no spelling", async () => {
    for (const naughty of strings) {
      const reply = await createReceiver({ secret, on: {} }).receive({
        method: "POST",
        headers: { "x-signature": naughty },
        body: "{}",
      });
      expect(reply.status).toBe(401);
    }
  });
});
