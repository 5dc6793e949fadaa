import { bytesOf } from "../lib/bytes.ts";

declare const verified: unique symbol;

/**
 * The bytes of a body whose signature is genuine.
 *
 * The brand makes "parse before verify" a compile error: only `verifySignature` and {@link assumeVerified} create one. The bytes are
 * those that were signed, not a copy: do not write to them.
 */
export type VerifiedBody = Uint8Array & { readonly [verified]: true };

/**
 * Declares a body genuine without checking it: for bytes that were verified elsewhere, such as a queue consumer or a replay from an audit log.
 *
 * Never call it on a request. Whatever it is given counts as sent by Popp.
 *
 * @param body - the body; a string is taken as UTF-8
 */
export function assumeVerified(body: string | Uint8Array | ArrayBuffer): VerifiedBody {
  return bytesOf(body) as VerifiedBody;
}
