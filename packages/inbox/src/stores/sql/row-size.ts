import { WebhookError } from "@popp-webhooks/core";
import type { InboxStore } from "../../ports/store.ts";
import type { NewEvent } from "../../ports/stored-event.ts";

/** The largest row of D1 and Durable Objects, in bytes. */
const MAX_ROW_BYTES = 2_000_000;

/** Reserved for what is added to an event later: a note, a token, a second hash, and the overhead of the row. */
const RESERVED_BYTES = 20_000;

/** A UTF-16 code unit takes at most three bytes in UTF-8. */
const BYTES_PER_UNIT = 3;

/**
 * Refuses events that do not fit into a row of Cloudflare's engines, with `BODY_TOO_LARGE`. The engine's own error would be answered with 503, and
 * the sender would retry forever.
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
    `Cloudflare stores at most ${MAX_ROW_BYTES} bytes of an event, including its headers and id. The body of this event has ${body.byteLength} bytes. Set \`maxBytes\` of the receiver to 1 900 000 or less.`,
  );
}
