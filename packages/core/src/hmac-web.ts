import { equalDigests } from "./equal-digests.ts";
import { type Hmac, KEYS_KEPT } from "./hmac.ts";
import { bytesOf } from "./verified-body.ts";

const known = /* @__PURE__ */ new Map<string, CryptoKey>();

/**
 * HMAC-SHA256 by WebCrypto, for runtimes without `node:crypto`.
 *
 * Signs and compares here: `subtle.verify` was found not to be constant-time in Node (CVE-2026-21713).
 */
export const webHmac: Hmac = async (bytes, secrets, candidates) => {
  let genuine = false;
  for (const secret of secrets) {
    // The cast: WebCrypto takes no view over shared memory, and no runtime gives one for a body.
    const signed = await crypto.subtle.sign(
      "HMAC",
      known.get(secret) ?? (await keyOf(secret)),
      bytes as Uint8Array<ArrayBuffer>,
    );
    for (const candidate of candidates) genuine = equalDigests(new Uint8Array(signed), candidate) || genuine;
  }
  return genuine;
};

async function keyOf(secret: string): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytesOf(secret), algorithm, false, ["sign"]);
  if (known.size >= KEYS_KEPT) known.clear();
  known.set(secret, key);
  return key;
}
