import type { Delivery } from "./delivery.ts";
import { headerOf } from "./delivery.ts";
import { Refusal } from "./refusal.ts";

/** Refuses, before a byte of the body is read, what no body could make right; undefined when it may go on. */
export function admit(delivery: Delivery): Refusal | undefined {
  if (delivery.method !== "POST") {
    return new Refusal("METHOD_NOT_ALLOWED", "This is a webhook endpoint: it takes POST only.");
  }
  const encoding = headerOf(delivery.headers, "content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "") {
    return new Refusal(
      "ENCODING_UNSUPPORTED",
      "The body is compressed, and the signature covers it as it was before: send it without a content-encoding.",
    );
  }
  return undefined;
}
