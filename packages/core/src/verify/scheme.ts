import { Refusal } from "../errors/refusal.ts";
import { bytesOf } from "../lib/bytes.ts";

/**
 * How deliveries are signed, for the day Popp's differ from what this SDK assumes.
 *
 * Seen in Popp's documents: HMAC-SHA256, in the header `x-signature`. Assumed: the signed bytes are the raw body.
 */
export interface Scheme {
  /** The header that carries the signature; `x-signature` by default. */
  readonly header?: string;
  /**
   * The bytes that are signed; the body by default. A string is taken as UTF-8.
   *
   * @param body - the body as it came
   * @param header - gives another header's value, by its name in lower case; null where there is none
   */
  readonly signedContent?: (body: Uint8Array, header: (name: string) => string | null) => Uint8Array | string;
}

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
    return bytesOf(scheme.signedContent(body, header));
  } catch (cause) {
    return new Refusal("INTERNAL", "`scheme.signedContent` failed.", { cause });
  }
}
