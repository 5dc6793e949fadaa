import { Refusal } from "../errors/refusal.ts";
import { bytesOf, isBytes } from "../lib/bytes.ts";

/**
 * How deliveries are signed. Give one only if Popp's signatures differ from what this SDK assumes.
 *
 * Seen in Popp's documents: HMAC-SHA256, in the header `x-signature`. Assumed: the signed bytes are the raw body.
 *
 * @example
 * ```ts
 * import type { Scheme } from "@popp-webhooks/core";
 *
 * // Signs the timestamp header, a dot and the body. The body stays bytes: decoding it to text would accept other bytes than were signed.
 * export const scheme: Scheme = {
 *   signedContent: (body, header) => {
 *     const prefix = new TextEncoder().encode(`${header("x-timestamp")}.`);
 *     const content = new Uint8Array(prefix.length + body.length);
 *     content.set(prefix);
 *     content.set(body, prefix.length);
 *     return content;
 *   },
 * };
 * ```
 */
export interface Scheme {
  /** The header that carries the signature. Default: `x-signature`. */
  readonly header?: string;
  /**
   * Returns the bytes that are signed. Default: the body. A string is encoded as UTF-8. Whatever is no bytes and no text, or is empty beside a
   * body that is not, refuses the delivery with `INTERNAL`: it would make one signature valid for every body.
   *
   * @param body - the body as it came
   * @param header - returns another header's value, by its name in lower case; null where there is none
   */
  readonly signedContent?: (body: Uint8Array, header: (name: string) => string | null) => Uint8Array | string;
}

/** What the parts of a scheme must be, for the check of the options that carry one. */
export const SCHEME_RULES = { header: "string", signedContent: "function" } as const;

const SIGNATURE_HEADER = "x-signature";

/** The name of the header that carries the signature, in lower case. */
export function signatureHeader(scheme: Scheme | undefined): string {
  return scheme?.header?.toLowerCase() ?? SIGNATURE_HEADER;
}

/** The bytes that the signature covers. */
export function signedBytes(
  body: Uint8Array,
  scheme: Scheme | undefined,
  header: (name: string) => string | null,
): Uint8Array | Refusal {
  if (!scheme?.signedContent) return body;
  try {
    const content: unknown = scheme.signedContent(body, header);
    const bytes = isBytes(content) ? bytesOf(content) : undefined;
    if (bytes && bytes.length >= Math.min(1, body.length)) return bytes;
    return new Refusal("INTERNAL", "`scheme.signedContent` must return the signed bytes or text.");
  } catch (cause) {
    return new Refusal("INTERNAL", "`scheme.signedContent` failed.", { cause });
  }
}
