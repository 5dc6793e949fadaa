import type { MaybePromise } from "../lib/maybe-promise.ts";

/** A SHA-256 digest, and so every genuine signature, is this many bytes. */
export const DIGEST_BYTES = 32;

/** How many values of a repeated header are looked at; later ones are ignored, so that a long list costs nothing. */
const MAX_SIGNATURES = 8;

/** The signatures a header carries: its value, or the values of a repeated one, which HTTP joins with commas; none when it is absent or empty. */
export function signaturesIn(header: string | readonly string[] | null | undefined): readonly string[] {
  if (typeof header === "string" && header.length === 2 * DIGEST_BYTES && !header.includes(",")) return [header];
  const values = String(header ?? "").split(",", MAX_SIGNATURES);
  return values.map((value) => value.trim()).filter(Boolean);
}

/** 32 bytes are 43 base64 digits, the last with two spare bits that must be zero, and one `=` if padded. Hex digits alone are hex cut short. */
const BASE64 = /^(?![\da-fA-F]+$)([\w-]{42}|[A-Za-z\d+/]{42})[AEIMQUYcgkosw048]=?$/;

/**
 * Decodes a signature strictly: hex in either case, base64 or base64url, padded or not, with or without `sha256=`.
 *
 * Assumed: Popp documents no encoding, and hex without a prefix is the likeliest. Whatever is not exactly 32 bytes in one of
 * these spellings is refused; nothing is skipped or cut off, as `Buffer.from(text, "hex")` would.
 *
 * @param into - receives the 32 bytes; they mean nothing when it returns false
 */
export function decodeSignature(signature: string, into: Uint8Array): boolean {
  if (signature.length === 2 * DIGEST_BYTES) return decodeHex(signature, into);
  const text = signature.replace(/^sha256=/, "");
  if (text.length === 2 * DIGEST_BYTES) return decodeHex(text, into);
  if (!BASE64.test(text)) return false;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  for (let at = 0; at < DIGEST_BYTES; at++) into[at] = binary.charCodeAt(at);
  return true;
}

const NO_DIGIT = 16;

/** The value of each hex digit by its character code, {@link NO_DIGIT} for all others: a lookup costs a third of a regular expression. */
const DIGITS = /* @__PURE__ */ digits();

function digits(): Uint8Array {
  const values = new Uint8Array(128).fill(NO_DIGIT);
  for (let value = 0; value < 16; value++) {
    const digit = value.toString(16);
    values[digit.charCodeAt(0)] = value;
    values[digit.toUpperCase().charCodeAt(0)] = value;
  }
  return values;
}

/** Decodes 64 hex digits of either case, and says whether they all were. */
export function decodeHex(hex: string, into: Uint8Array): boolean {
  let seen = 0;
  for (let at = 0; at < DIGEST_BYTES; at++) {
    const high = DIGITS[hex.charCodeAt(2 * at)] ?? NO_DIGIT;
    const low = DIGITS[hex.charCodeAt(2 * at + 1)] ?? NO_DIGIT;
    seen |= high | low;
    into[at] = (high << 4) | low;
  }
  return seen < NO_DIGIT;
}

/** Compares two digests of one length in a time that does not depend on where they differ. */
export function equalDigests(a: Uint8Array, b: Uint8Array): boolean {
  return a.reduce((difference, byte, at) => difference | (byte ^ (b[at] ?? 0)), 0) === 0;
}

/**
 * Finds the place of the first secret whose HMAC-SHA256 of the bytes is one of the signatures; -1 when there is none. A signature that
 * cannot be decoded matches nothing.
 *
 * All pairs are compared and a match does not end the search, so that the time tells nothing about which one it was.
 */
export type SignatureCheck = (
  bytes: Uint8Array,
  secrets: readonly (string | Uint8Array | undefined)[],
  signatures: readonly string[],
) => MaybePromise<number>;

/** How many secrets' prepared keys are kept, enough for many tenants in one process; beyond, all are made anew. */
export const KEYS_KEPT = 64;
