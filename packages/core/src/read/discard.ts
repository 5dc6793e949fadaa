import type { BodyReader } from "./body-reader.ts";
import type { DeliveryBody } from "./delivery.ts";
import { DEFAULT_BODY_TIMEOUT_MS, type ReadLimits } from "./limits.ts";

/**
 * Lets a body flow away that nobody will read: behind one that was left standing, many servers on Node never come to
 * the connection's next request.
 */
export function discard(
  body: DeliveryBody,
  { bodyTimeoutMs = DEFAULT_BODY_TIMEOUT_MS }: ReadLimits,
  readerOf: (body: object) => BodyReader | undefined,
): void {
  readerOf(Object(body))?.discard(bodyTimeoutMs);
}
