/** A SHA-256 digest, and so every genuine signature, is this many bytes. */
export const DIGEST_BYTES = 32;

/** How many values of a repeated header are looked at; later ones are ignored, so that a long list costs nothing. */
const MAX_SIGNATURES = 8;

const PREFIX = "sha256=";

/**
 * The signatures a header carries: its value, or the values of a repeated one, which HTTP joins with commas.
 *
 * Empty values are left out; none left means that the header is as good as absent.
 */
export function signaturesIn(header: string | null): readonly string[] {
  if (header === null) return [];
  return header
    .split(",", MAX_SIGNATURES)
    .map((value) => value.trim())
    .filter((value) => value !== "");
}

/**
 * Decodes a signature strictly: hex in either case, base64 or base64url, padded or not, with or without `sha256=`.
 *
 * Assumed: Popp documents no encoding, and hex without a prefix is the likeliest. Whatever is not exactly 32 bytes in one of
 * these spellings is refused; nothing is skipped or cut off, as `Buffer.from(text, "hex")` would.
 *
 * @param into - receives the 32 bytes; undefined contents when it returns false
 * @returns whether it could be decoded
 */
export function decodeSignature(signature: string, into: Uint8Array): boolean {
  if (signature.length === 2 * DIGEST_BYTES) return decodeHex(signature, into);
  if (signature.startsWith(PREFIX)) return decodeSignature(signature.slice(PREFIX.length), into);
  return decodeBase64(signature, into);
}

/** Decodes 64 hex digits of either case. */
export function decodeHex(hex: string, into: Uint8Array): boolean {
  let wrong = 0;
  for (let at = 0; at < DIGEST_BYTES; at++) {
    const high = HEX[hex.charCodeAt(2 * at)] ?? NOT_HEX;
    const low = HEX[hex.charCodeAt(2 * at + 1)] ?? NOT_HEX;
    wrong |= high | low;
    into[at] = (high << 4) | low;
  }
  return wrong < NOT_HEX;
}

const NOT_HEX = 0x10;

/** The value of each hex digit by its character code, everything else {@link NOT_HEX}. */
const HEX = /* @__PURE__ */ Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = "0123456789abcdef".indexOf(String.fromCharCode(code).toLowerCase());
  return digit === -1 ? NOT_HEX : digit;
});

/** 32 bytes are 43 base64 digits, the last of which has two spare bits that must be zero, and one `=` if padded. */
const BASE64 = /^(?:[A-Za-z0-9+/]{42}|[A-Za-z0-9_-]{42})[AEIMQUYcgkosw048]=?$/;

function decodeBase64(text: string, into: Uint8Array): boolean {
  if (!BASE64.test(text)) return false;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  for (let at = 0; at < DIGEST_BYTES; at++) into[at] = binary.charCodeAt(at);
  return true;
}
