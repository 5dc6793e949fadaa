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

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
