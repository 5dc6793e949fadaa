import { hexOf, writeText } from "../lib/bytes.ts";
import type { MaybePromise } from "../lib/maybe-promise.ts";

/** A SHA-256 digest, and so every genuine signature, is this many hex digits. */
export const HEX_DIGITS = 64;

/** How many values of a repeated header are looked at; later ones are ignored, so that a long list costs nothing. */
const MAX_SIGNATURES = 8;

/** The signatures a header carries: its value, or the values of a repeated one, which HTTP joins with commas; none when it is absent or empty. */
export function signaturesIn(header: string | readonly string[] | null | undefined): readonly string[] {
  if (typeof header === "string" && header.length === HEX_DIGITS && !header.includes(",")) return [header];
  const values = textOf(header ?? "").split(",", MAX_SIGNATURES);
  return values.map((value) => value.trim()).filter(Boolean);
}

/** An untyped caller may pass an object that cannot be made a text: it counts as a malformed signature. */
function textOf(header: unknown): string {
  try {
    return String(header);
  } catch {
    return typeof header;
  }
}

const HEX = /^[\da-f]{64}$/i;

/** 32 bytes are 43 base64 digits, the last with two spare bits that must be zero, and one `=` if padded. Hex digits alone are hex cut short. */
const BASE64 = /^(?![\da-fA-F]+$)([\w-]{42}|[A-Za-z\d+/]{42})[AEIMQUYcgkosw048]=?$/;

/**
 * Decodes a signature strictly, to 64 hex digits in lower case: hex in either case, base64 or base64url, padded or not, with or without `sha256=`.
 *
 * Assumed: Popp documents no encoding, and hex without a prefix is the likeliest. Whatever is not exactly 32 bytes in one of
 * these spellings is refused; nothing is skipped or cut off, as `Buffer.from(text, "hex")` would.
 *
 * @returns undefined when it is none of these
 */
export function decodeSignature(signature: string): string | undefined {
  const text = signature.replace(/^sha256=/, "");
  if (HEX.test(text)) return text.toLowerCase();
  if (!BASE64.test(text)) return undefined;
  return hexOf(Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (byte) => byte.charCodeAt(0)));
}

/**
 * Whether a digest, as hex digits in lower case, is one of the signatures.
 *
 * All of them are compared and a match does not end the search, so that the time tells nothing about which one it was.
 */
export function isAmong(digest: string, signatures: readonly string[]): boolean {
  let found = false;
  // Hex in lower case, the likeliest spelling, needs no decoding.
  for (const signature of signatures)
    if (equalTexts(digest, signature) || equalTexts(digest, decodeSignature(signature))) found = true;
  return found;
}

/** Compares in a time that does not depend on where two texts of one length differ. */
function equalTexts(a: string, b: string | undefined): boolean {
  if (a.length !== b?.length) return false;
  // What does not fit has characters that are no hex digits: nothing is left of the text before.
  let difference = writeText(a, left) ^ writeText(b, right);
  for (let at = 0; at < HEX_DIGITS; at++) difference |= Number(left[at]) ^ Number(right[at]);
  return difference === 0;
}

const left = /* @__PURE__ */ new Uint8Array(HEX_DIGITS);
const right = /* @__PURE__ */ new Uint8Array(HEX_DIGITS);

/**
 * Finds the place of the first secret whose HMAC-SHA256 of the bytes is one of the signatures; -1 when there is none. A signature that
 * cannot be decoded matches nothing.
 *
 * All secrets are tried and a match does not end the search, so that the time tells nothing about which one it was.
 */
export type SignatureCheck = (
  bytes: Uint8Array,
  secrets: readonly (string | Uint8Array | undefined)[],
  signatures: readonly string[],
) => MaybePromise<number>;

/** How many secrets' prepared keys are kept, enough for many tenants in one process; beyond, all are made anew. */
export const KEYS_KEPT = 64;

/** Keeps the key that was prepared from a secret, and returns it. */
export function keep<Secret, Key>(known: Map<Secret, Key>, secret: Secret, key: Key): Key {
  if (known.size >= KEYS_KEPT) known.clear();
  known.set(secret, key);
  return key;
}
