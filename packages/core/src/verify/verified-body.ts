declare const verified: unique symbol;

/**
 * The bytes of a body whose signature was found genuine.
 *
 * The brand is what makes "parse before verify" a compile error: only `verifySignature` and, loudly,
 * {@link assumeVerified} make one. The bytes are those that were signed, not a copy: do not write to them.
 */
export type VerifiedBody = Uint8Array & { readonly [verified]: true };

const encoder = /* @__PURE__ */ new TextEncoder();

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

/** Whether a body is there as a whole, in any of the forms that {@link bytesOf} takes. */
export function isBytes(body: unknown): body is string | Uint8Array | ArrayBuffer {
  return typeof body === "string" || body instanceof Uint8Array || body instanceof ArrayBuffer;
}

/** The bytes of a body in any of the forms a caller may hold it in; never a copy of bytes. */
export function bytesOf(body: string): Uint8Array<ArrayBuffer>;
export function bytesOf(body: string | Uint8Array | ArrayBuffer): Uint8Array;
export function bytesOf(body: string | Uint8Array | ArrayBuffer): Uint8Array {
  if (typeof body === "string") return encoder.encode(body);
  return body instanceof Uint8Array ? body : new Uint8Array(body);
}
