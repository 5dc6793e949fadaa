import { sha256 } from "./digest.ts";
import { escapeText } from "./escape-text.ts";

/** A surrogate without its other half (with the flag `u`, whole pairs are no surrogates), or the mark of an escaped id. */
const TO_ESCAPE = /[\p{Surrogate}\uffff]/u;

/**
 * How many hex digits a key has: 128 bits of a hash. That two of a billion events share one has a chance of 10⁻²¹, and a store's index of keys,
 * whose every page a commit may touch, is half as large as with all of them.
 */
export const KEY_DIGITS = 32;

/**
 * The key of an event in a store: fixed in length and alphabet, so that no id ever reaches an engine as a key.
 *
 * A lone surrogate has no UTF-8 of its own: two ids that differ in one would become one event, and so such an id is
 * escaped, and marked with U+FFFF, which is no character.
 */
export async function eventKeyOf(source: string, idempotencyKey: string): Promise<string> {
  const id = TO_ESCAPE.test(idempotencyKey) ? `\uffff${escapeText(idempotencyKey)}` : idempotencyKey;
  return (await sha256(`${source}\0${id}`)).slice(0, KEY_DIGITS);
}

/** What a body goes by that is no event. */
export function rejectedKeyOf(bodyHash: string): string {
  return `rejected:${bodyHash}`;
}

/** What makes two deliveries the same event, as core has it: the id, or else the hash of the body. */
export function idempotencyKeyOf(eventId: string | null | undefined, bodyHash: string): string {
  return eventId ?? `sha256:${bodyHash}`;
}
