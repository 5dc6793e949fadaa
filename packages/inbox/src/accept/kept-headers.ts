import type { HeaderSource } from "@popp-webhooks/core";

/** The only headers that are ever stored: none of them carries a secret, a signature or a person's address. */
const KEPT = ["content-type", "user-agent", "x-request-id", "cf-ray", "traceparent", "tracestate"];

/** How much of one header's value is kept. */
const VALUE_LENGTH = 512;

/** The headers that are kept of a delivery, as a JSON object. */
export function keptHeadersOf(headers: HeaderSource): string {
  const kept: Record<string, string> = {};
  for (const name of KEPT) {
    const value = headerOf(headers, name);
    if (value !== undefined && value !== null) kept[name] = String(value).slice(0, VALUE_LENGTH);
  }
  return JSON.stringify(kept);
}

/** Node's names are in lower case, and `Headers` does not mind. */
function headerOf(headers: HeaderSource, name: string): unknown {
  return typeof headers.get === "function"
    ? headers.get(name)
    : Object.hasOwn(headers, name)
      ? Reflect.get(headers, name)
      : undefined;
}
