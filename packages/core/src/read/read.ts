import { Refusal } from "../errors/refusal.ts";
import { bytesOf, isBytes } from "../lib/bytes.ts";
import type { MaybePromise } from "../lib/maybe-promise.ts";
import { quietly } from "../lib/quietly.ts";
import type { BodyReader } from "./body-reader.ts";
import { CONSUMED, type Delivery, type DeliveryBody } from "./delivery.ts";
import { DEFAULT_BODY_TIMEOUT_MS, DEFAULT_MAX_BYTES, type ReadLimits, tooLarge } from "./limits.ts";

/**
 * Gets the body's exact bytes: bounded in size, counted while reading, and bounded in time.
 *
 * A body that was read or parsed before is refused at once. It is never serialised again: those would be other bytes.
 *
 * @param bodyReaderFor - finds the way to read a stream, for the kinds of streams that can occur
 */
export function read(
  { body, consumed }: Pick<Delivery, "body" | "consumed">,
  { maxBytes = DEFAULT_MAX_BYTES, bodyTimeoutMs = DEFAULT_BODY_TIMEOUT_MS }: ReadLimits,
  bodyReaderFor: (body: object) => BodyReader | undefined,
): MaybePromise<Uint8Array | Refusal> {
  if (consumed) return new Refusal("BODY_CONSUMED", consumed);
  const whole = isBytes(body) ? bytesOf(body) : body;
  if (!whole) return new Uint8Array();
  if (whole instanceof Uint8Array) return whole.length <= maxBytes ? whole : tooLarge(maxBytes);
  const reader = bodyReaderFor(Object(whole));
  return reader ? collect(reader, maxBytes, bodyTimeoutMs) : new Refusal("BODY_CONSUMED", CONSUMED);
}

/** One promise for the whole body, and no race between several: each costs as much as hashing it. */
function collect(reader: BodyReader, maxBytes: number, bodyTimeoutMs: number): Promise<Uint8Array | Refusal> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let total = 0;
    let isOver = false;
    const end = (refusal: Refusal | undefined) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      resolve(refusal ?? join(chunks, total));
      if (refusal) quietly(() => reader.discard(bodyTimeoutMs));
    };
    const late = (cause?: unknown) =>
      end(new Refusal("BODY_TIMEOUT", "The body was not complete in time (`bodyTimeoutMs`).", { cause }));
    const timer = setTimeout(() => late(), bodyTimeoutMs);
    const take = (chunk: unknown) => {
      if (isOver) return undefined;
      if (!(chunk instanceof Uint8Array)) return new Refusal("BODY_CONSUMED", CONSUMED);
      chunks.push(chunk);
      total += chunk.length;
      // So, and not the other way round: of a limit that is NaN everything is refused.
      return total <= maxBytes ? undefined : tooLarge(maxBytes);
    };
    reader.read(take).then(end, late);
  });
}

function join(chunks: readonly Uint8Array[], total: number): Uint8Array {
  const [first] = chunks;
  if (first?.length === total) return first;
  const whole = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/**
 * Lets a body flow away that nobody will read: behind one that was left standing, many servers on Node never come to
 * the connection's next request.
 */
export function discard(
  body: DeliveryBody,
  { bodyTimeoutMs = DEFAULT_BODY_TIMEOUT_MS }: ReadLimits,
  bodyReaderFor: (body: object) => BodyReader | undefined,
): void {
  bodyReaderFor(Object(body))?.discard(bodyTimeoutMs);
}
