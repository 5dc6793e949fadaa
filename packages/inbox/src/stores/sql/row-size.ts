import { WebhookError } from "@popp-webhooks/core";
import type { InboxStore, NewEvent } from "../../ports/store.ts";

/** The most that D1 and Durable Objects keep in one row, in bytes. */
const MAX_ROW_BYTES = 2_000_000;

/** What an event may still grow by: a note, a token, a second hash, and what the row itself takes. */
const RESERVED_BYTES = 20_000;

/** A UTF-16 code unit takes three bytes of UTF-8 at most. */
const BYTES_PER_UNIT = 3;

/**
 * Refuses events that Cloudflare's engines could never keep, with `BODY_TOO_LARGE`: their own error would be answered with 503, and the
 * event sent again for ever.
 */
export function withRowSizeLimit<Tx>(store: InboxStore<Tx>): InboxStore<Tx> {
  return {
    ...store,
    accept: async (event) => {
      assertFits(event);
      return store.accept(event);
    },
    reject: async (event, cap) => {
      assertFits(event);
      return store.reject(event, cap);
    },
  };
}

function assertFits({ body, key, source, eventId, name, hash, headers, orderKey, deadReason }: NewEvent): void {
  const texts = [key, source, eventId, name, hash, headers, orderKey, deadReason];
  const units = texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
  if (body.byteLength + units * BYTES_PER_UNIT <= MAX_ROW_BYTES - RESERVED_BYTES) return;
  throw new WebhookError(
    "BODY_TOO_LARGE",
    `Cloudflare keeps at most ${MAX_ROW_BYTES} bytes of an event, its headers and its id included, and this one has a body of ${body.byteLength}: set \`maxBytes\` of the receiver to 1 900 000 or less.`,
  );
}
