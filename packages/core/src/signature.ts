/** A SHA-256 digest, and so every genuine signature, is this many bytes. */
export const DIGEST_BYTES = 32;

/** How many values of a repeated header are looked at; later ones are ignored, so that a long list costs nothing. */
const MAX_SIGNATURES = 8;

/** The signatures a header carries: its value, or the values of a repeated one, which HTTP joins with commas; none when it is absent or empty. */
export function signaturesIn(header: string | readonly string[] | null | undefined): readonly string[] {
  const values = String(header ?? "").split(",", MAX_SIGNATURES);
  return values.map((value) => value.trim()).filter(Boolean);
}

const HEX = /^[\da-f]{64}$/i;

/** 32 bytes are 43 base64 digits, the last with two spare bits that must be zero, and one `=` if padded. Hex digits alone are hex cut short. */
const BASE64 = /^(?![\da-fA-F]+$)([\w-]{42}|[A-Za-z\d+/]{42})[AEIMQUYcgkosw048]=?$/;

/**
 * Decodes a signature strictly: hex in either case, base64 or base64url, padded or not, with or without `sha256=`.
 *
 * Assumed: Popp documents no encoding, and hex without a prefix is the likeliest. Whatever is not exactly 32 bytes in one of
 * these spellings is refused; nothing is skipped or cut off, as `Buffer.from(text, "hex")` would.
 */
export function decodeSignature(signature: string): Uint8Array | undefined {
  const text = signature.replace(/^sha256=/, "");
  if (HEX.test(text)) return decodeHex(text, new Uint8Array(DIGEST_BYTES));
  if (!BASE64.test(text)) return undefined;
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (byte) => byte.charCodeAt(0));
}

/** Decodes 64 characters that are known to be hex digits, which any others would be taken for. */
export function decodeHex(hex: string, into: Uint8Array): Uint8Array {
  for (let at = 0; at < DIGEST_BYTES; at++) into[at] = (digit(hex, 2 * at) << 4) | digit(hex, 2 * at + 1);
  return into;
}

/** The four low bits of `0`–`9` are their value; those of `a`–`f` and `A`–`F`, which alone have bit 6 set, are nine less. */
function digit(hex: string, at: number): number {
  const code = hex.charCodeAt(at);
  return (code & 15) + 9 * (code >> 6);
}
