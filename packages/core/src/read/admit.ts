import { Refusal } from "../errors/refusal.ts";
import { type Delivery, headerValue } from "./delivery.ts";
import { tooLarge } from "./limits.ts";

/** Refuses, before a byte of the body is read, what no body could make right; undefined when it may go on. */
export function admit(delivery: Delivery, maxBytes: number): Refusal | undefined {
  if (delivery.method !== "POST") {
    return new Refusal("METHOD_NOT_ALLOWED", "A webhook endpoint takes POST only.");
  }
  const encoding = headerValue(delivery.headers, "content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "") {
    return new Refusal(
      "ENCODING_UNSUPPORTED",
      "The signature covers the body as it is without a content-encoding: send it so.",
    );
  }
  // A reason to refuse early, never one to accept: what counts is counted while reading.
  if (Number(headerValue(delivery.headers, "content-length")) > maxBytes) return tooLarge(maxBytes);
  return undefined;
}
