import { Refusal } from "../errors/refusal.ts";
import { bytesOf, isBytes } from "../lib/bytes.ts";
import { chain, type MaybePromise } from "../lib/maybe-promise.ts";
import { quietly } from "../lib/quietly.ts";
import type { BodyReader } from "./body-reader.ts";
import { CONSUMED, type Delivery, type DeliveryBody, headerValue } from "./delivery.ts";
import { DEFAULT_BODY_TIMEOUT_MS, DEFAULT_MAX_BYTES, type ReadLimits, tooLarge } from "./limits.ts";

/**
 * Reads the exact bytes of a body, limited in size, counted while reading, and limited in time.
 *
 * A body that was read or parsed before is refused. It is never serialized again, because those would be other bytes.
 *
 * @param readerFor - finds the way to read a stream, for the kinds of streams that can occur
 */
export function read(
  { body, consumed, headers }: Pick<Delivery, "body" | "consumed" | "headers">,
  { maxBytes = DEFAULT_MAX_BYTES, bodyTimeoutMs = DEFAULT_BODY_TIMEOUT_MS }: ReadLimits,
  readerFor: (body: object) => BodyReader | undefined,
): MaybePromise<Uint8Array | Refusal> {
  if (consumed) return new Refusal("BODY_CONSUMED", consumed);
  const whole = isBytes(body)
    ? bytesOf(body)
    : body
      ? collect(readerFor(body), maxBytes, bodyTimeoutMs)
      : new Uint8Array();
  return chain<Uint8Array | Refusal, Uint8Array | Refusal>(whole, (bytes) => {
    if (bytes instanceof Refusal) return bytes;
    if (!(bytes.length <= maxBytes)) return tooLarge(maxBytes);
    const isLost = bytes.length === 0 && Number(headerValue(headers, "content-length")) > 0;
    return isLost ? new Refusal("BODY_CONSUMED", CONSUMED) : bytes;
  });
}

/** One promise for the whole body instead of a race between several: each costs as much as hashing it. */
function collect(
  reader: BodyReader | undefined,
  maxBytes: number,
  bodyTimeoutMs: number,
): MaybePromise<Uint8Array | Refusal> {
  if (!reader) return new Refusal("BODY_CONSUMED", CONSUMED);
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
      if (typeof chunk === "string") return new Refusal("BODY_CONSUMED", DECODED);
      if (!isBytes(chunk)) return new Refusal("BODY_CONSUMED", CONSUMED);
      const bytes = bytesOf(chunk);
      chunks.push(bytes);
      total += bytes.length;
      // Written as `<=` so that a NaN limit refuses everything.
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
 * Drains an unread body: many Node servers do not process the connection's next request until this one's body is consumed. Never throws.
 */
export function discard(
  body: DeliveryBody,
  { bodyTimeoutMs = DEFAULT_BODY_TIMEOUT_MS }: ReadLimits,
  readerFor: (body: object) => BodyReader | undefined,
): void {
  quietly(() => readerFor(Object(body))?.discard(bodyTimeoutMs));
}

const DECODED = "The body is decoded to text, as by `setEncoding`: pass its bytes.";
