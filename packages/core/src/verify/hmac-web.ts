import { bytesOf, hexOf } from "../lib/bytes.ts";
import { isAmong, keep, type SignatureCheck } from "./signature.ts";

const known = /* @__PURE__ */ new Map<string | Uint8Array, CryptoKey>();

/**
 * HMAC-SHA256 by WebCrypto, for runtimes without `node:crypto`.
 *
 * Signs and compares here: `subtle.verify` was found not to be constant-time in Node (CVE-2026-21713).
 */
export const webHmac: SignatureCheck = async (bytes, secrets, signatures) => {
  let matched = -1;
  for (const [at, secret] of secrets.entries()) {
    if (secret === undefined) continue;
    const key = known.get(secret) ?? keep(known, secret, await keyOf(secret));
    // The cast: WebCrypto takes no view over shared memory, and no runtime gives one for a body.
    const digest = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes as Uint8Array<ArrayBuffer>));
    if (isAmong(hexOf(digest), signatures) && matched < 0) matched = at;
  }
  return matched;
};

function keyOf(secret: string | Uint8Array): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", bytesOf(secret) as Uint8Array<ArrayBuffer>, algorithm, false, ["sign"]);
}
