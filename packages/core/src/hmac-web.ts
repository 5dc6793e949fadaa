import { BoundedMap, KEYS_KEPT } from "./bounded-map.ts";
import { equalDigests } from "./equal-digests.ts";
import type { Hmac } from "./hmac.ts";

const keys = /* @__PURE__ */ new BoundedMap<string, Promise<CryptoKey>>(KEYS_KEPT);

/**
 * HMAC-SHA256 by WebCrypto, for runtimes without `node:crypto`.
 *
 * Signs and compares here: `subtle.verify` was found not to be constant-time in Node (CVE-2026-21713).
 */
export const webHmac: Hmac = async (bytes, secrets, candidates) => {
  let genuine = false;
  for (const secret of secrets) {
    const digest = new Uint8Array(await crypto.subtle.sign("HMAC", await keyOf(secret), view(bytes)));
    for (const candidate of candidates) genuine = equalDigests(digest, candidate) || genuine;
  }
  return genuine;
};

function keyOf(secret: string): Promise<CryptoKey> {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const key = crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  keys.set(secret, key);
  key.catch(() => keys.delete(secret));
  return key;
}

/** WebCrypto takes no view over shared memory, which no runtime gives for a body; its type wants that said. */
function view(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}
