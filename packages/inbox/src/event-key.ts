import { sha256 } from "./digest.ts";
import { escapeText } from "./text.ts";

/** A surrogate without its other half (with the flag `u`, whole pairs are no surrogates), or the mark of an escaped id. */
const TO_ESCAPE = /[\p{Surrogate}\uffff]/u;

/**
 * The key of an event in a store: fixed in length and alphabet, so that no id ever reaches an engine as a key.
 *
 * A lone surrogate has no UTF-8 of its own: two ids that differ in one would become one event, and so such an id is
 * escaped, and marked with U+FFFF, which is no character.
 */
export function eventKeyOf(source: string, idempotencyKey: string): Promise<string> {
  const id = TO_ESCAPE.test(idempotencyKey) ? `\uffff${escapeText(idempotencyKey)}` : idempotencyKey;
  return sha256(`${source}\0${id}`);
}

/** What makes two deliveries the same event, as core has it: the id, or else the hash of the body. */
export function idempotencyKeyOf(eventId: string | null | undefined, bodyHash: string): string {
  return eventId ?? `sha256:${bodyHash}`;
}
