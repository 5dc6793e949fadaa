import type { Eventually } from "../lib/maybe-promise.ts";

/**
 * Tells whether any of the signatures is the HMAC-SHA256 of the bytes under any of the secrets; one that cannot be decoded is none.
 *
 * All pairs are tried and none ends the search early, so that time tells nothing of which one it was.
 */
export type SignatureCheck = (
  bytes: Uint8Array,
  secrets: readonly (string | Uint8Array)[],
  signatures: readonly string[],
) => Eventually<boolean>;

/** How many secrets' prepared keys are kept, enough for many tenants in one process; beyond, all are made anew. */
export const KEYS_KEPT = 64;
