import { bytesOf, hexOf } from "../lib/bytes.ts";
import type { VerifiedBody } from "../verify/verified-body.ts";

/**
 * Returns what makes two deliveries the same event: its `eventId`, or `sha256:` and the hash of the body where it has none.
 *
 * Seen in Popp's documents: de-duplicate by `eventId`. Assumed: a retry carries the same bytes.
 *
 * @param event - what `parseEvent` returned
 * @param body - the bytes that `verifySignature` returned
 */
export async function idempotencyKeyOf(
  event: { readonly eventId?: string | undefined },
  body: VerifiedBody,
): Promise<string> {
  return event.eventId ?? `sha256:${await sha256(body)}`;
}

/** The longest key that is remembered as it is. Popp's ids are shorter, and so is a hash. */
const MAX_LENGTH = 128;

/** The key under which an event is remembered: a long one is replaced by its hash, so that memory has a limit in bytes. */
export async function memoryKeyOf(idempotencyKey: string): Promise<string> {
  if (idempotencyKey.length <= MAX_LENGTH) return idempotencyKey;
  // As JSON, because UTF-8 alone would make one of all lone surrogates, and two ids could share a hash.
  return `long:${await sha256(bytesOf(JSON.stringify(idempotencyKey)))}`;
}

async function sha256(bytes: Uint8Array): Promise<string> {
  return hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes))));
}
