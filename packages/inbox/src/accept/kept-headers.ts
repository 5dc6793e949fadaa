import type { HeaderSource } from "@popp-webhooks/core";
import { headerValue } from "@popp-webhooks/core/internal";

/** The only headers that are stored. None of them carries a secret, a signature or a person's address. */
const KEPT = ["content-type", "user-agent", "x-request-id", "cf-ray", "traceparent", "tracestate"];

/** The longest part of one header's value that is kept, in UTF-16 code units. */
const VALUE_LENGTH = 512;

/** The headers of a delivery that are kept, as a JSON object. */
export function keptHeadersOf(headers: HeaderSource): string {
  const kept: Record<string, string> = {};
  for (const name of KEPT) {
    const value = headerValue(headers, name);
    if (value !== null) kept[name] = value.slice(0, VALUE_LENGTH);
  }
  return JSON.stringify(kept);
}
