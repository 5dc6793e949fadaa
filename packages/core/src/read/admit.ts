import { Refusal } from "../errors/refusal.ts";
import { bytesOf, isBytes } from "../lib/bytes.ts";
import { type Delivery, headerValue } from "./delivery.ts";
import { tooLarge } from "./limits.ts";

/** The content encodings that change the bytes of a body. Gateways also write `UTF-8`, `none` or `8bit`, which do not. */
const CHANGING = /\b(gzip|br|deflate|zstd|compress|dcb|dcz)\b/i;

/** Checks method, content encoding and declared length before the body is read. Returns a refusal, or undefined to continue. */
export function admit({ method, headers, body }: Delivery, maxBytes: number): Refusal | undefined {
  if (typeof method !== "string" || !/^post$/i.test(method))
    return new Refusal("METHOD_NOT_ALLOWED", "A webhook endpoint takes POST only.");
  if (CHANGING.test(headerValue(headers, "content-encoding") ?? "") && !isDecoded(body)) {
    return new Refusal(
      "ENCODING_UNSUPPORTED",
      "The signature covers the body without a content-encoding: send it uncompressed.",
    );
  }
  // The declared length may refuse a body early. The bytes are counted while they are read, whatever it says.
  if (Number(headerValue(headers, "content-length")) > maxBytes) return tooLarge(maxBytes);
  return undefined;
}

/** express.raw() and some hosts hand over what they decompressed, and leave the header: JSON begins with white space, a bracket or a byte order mark. */
function isDecoded(body: unknown): boolean {
  return isBytes(body) && /^[\s[{\u00ef]|^$/.test(String.fromCharCode(...bytesOf(body).subarray(0, 1)));
}
