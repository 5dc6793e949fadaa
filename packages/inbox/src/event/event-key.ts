import { escapeText } from "../lib/escape-text.ts";
import { sha256 } from "./digest.ts";

/** A lone surrogate (with the flag `u`, pairs do not match), or the mark of an escaped id. */
const TO_ESCAPE = /[\p{Surrogate}\uffff]/u;

/**
 * How many hex digits a key has: 128 bits of a hash. Two of a billion events share a key with a probability of 10⁻²¹. The store's index of keys,
 * of which each commit may touch any page, is half as large as with the whole hash.
 */
export const KEY_DIGITS = 32;

/**
 * The key of an event in a store. Its length and alphabet are fixed, so that an engine never sees an id as a key.
 *
 * A lone surrogate cannot be encoded in UTF-8, so two different ids could get the same key. Such an id is escaped first, and marked with U+FFFF,
 * which is not a character.
 */
export async function eventKeyOf(source: string, idempotencyKey: string): Promise<string> {
  const id = TO_ESCAPE.test(idempotencyKey) ? `\uffff${escapeText(idempotencyKey)}` : idempotencyKey;
  return (await sha256(`${source}\0${id}`)).slice(0, KEY_DIGITS);
}

/** The idempotency key of a rejected body. */
export function rejectedKeyOf(bodyHash: string): string {
  return `rejected:${bodyHash}`;
}

/** Identifies deliveries of the same event, by the same rule as in core: the id, or the hash of the body when there is none. */
export function idempotencyKeyOf(eventId: string | null | undefined, bodyHash: string): string {
  return eventId ?? `sha256:${bodyHash}`;
}
