import { Refusal } from "../errors/refusal.ts";
import { bytesOf, isBytes } from "../lib/bytes.ts";
import { chain, type MaybePromise } from "../lib/maybe-promise.ts";
import { quietly } from "../lib/quietly.ts";
import type { BodyReader } from "./body-reader.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { CONSUMED, type Delivery, type DeliveryBody, type HeaderLookup } from "./delivery.ts";
import { DEFAULT_BODY_TIMEOUT_MS, DEFAULT_MAX_BYTES, type ReadLimits, tooLarge } from "./limits.ts";

/** How a body is read. */
export interface ReadConfig extends ReadLimits {
  /** The memory that all bodies of a receiver share. */
  readonly budget?: ByteBudget;
}

/**
 * Reads the exact bytes of a body, limited in size, counted while reading, and limited in time.
 *
 * A body that was read or parsed before is refused. It is never serialized again, because those would be other bytes.
 *
 * @param header - looks up a header: an empty body of which another length was declared is lost
 * @param readerFor - finds the way to read a stream, for the kinds of streams that can occur
 */
export function read(
  { body, consumed }: Pick<Delivery, "body" | "consumed">,
  header: HeaderLookup,
  { maxBytes = DEFAULT_MAX_BYTES, bodyTimeoutMs = DEFAULT_BODY_TIMEOUT_MS, budget }: ReadConfig,
  readerFor: (body: object) => BodyReader | undefined,
): MaybePromise<Uint8Array | Refusal> {
  if (consumed) return new Refusal("BODY_CONSUMED", consumed);
  const whole = isBytes(body)
    ? bytesOf(body)
    : body
      ? collect(readerFor(body), maxBytes, bodyTimeoutMs, budget)
      : new Uint8Array();
  return chain<Uint8Array | Refusal, Uint8Array | Refusal>(whole, (bytes) => {
    if (bytes instanceof Refusal) return bytes;
    if (!(bytes.length <= maxBytes)) return tooLarge(maxBytes);
    const isLost = bytes.length === 0 && Number(header("content-length")) > 0;
    return isLost ? new Refusal("BODY_CONSUMED", CONSUMED) : bytes;
  });
}

/** One promise for the whole body instead of a race between several: each costs as much as hashing it. */
function collect(
  reader: BodyReader | undefined,
  maxBytes: number,
  bodyTimeoutMs: number,
  budget: ByteBudget | undefined,
): MaybePromise<Uint8Array | Refusal> {
  if (!reader) return new Refusal("BODY_CONSUMED", CONSUMED);
  return new Promise((resolve) => {
    // Undefined when the reading has ended. The listeners of a Node stream keep these functions, and what they hold, as long as its connection.
    let held: Uint8Array | undefined = new Uint8Array();
    let total = 0;
    const end = (refusal: Refusal | undefined) => {
      if (!held) return;
      clearTimeout(timer);
      budget?.release(end);
      resolve(refusal ?? held.subarray(0, total));
      held = undefined;
      if (refusal) quietly(() => reader.discard(bodyTimeoutMs));
    };
    const late = (cause?: unknown) =>
      end(new Refusal("BODY_TIMEOUT", "The body was not complete in time (`bodyTimeoutMs`).", { cause }));
    const timer = setTimeout(() => late(), bodyTimeoutMs);
    const take = (chunk: unknown) => {
      if (!held) return undefined;
      if (typeof chunk === "string") return new Refusal("BODY_CONSUMED", DECODED);
      if (!isBytes(chunk)) return new Refusal("BODY_CONSUMED", CONSUMED);
      const bytes = bytesOf(chunk);
      // Written as `<=` so that a NaN limit refuses everything.
      if (!(total + bytes.length <= maxBytes)) return tooLarge(maxBytes);
      const before = held;
      held = append(held, total, bytes, maxBytes);
      total += bytes.length;
      if (held !== before) budget?.hold(end, held.length);
      return undefined;
    };
    reader.read(take).then(end, late);
  });
}

/**
 * Appends a chunk to the first `total` bytes of `held`. One buffer that grows, and no list of chunks: each chunk costs 200 bytes by itself, so
 * that a body in chunks of one byte would need 200 times its size. A body of one chunk is not copied.
 */
function append(held: Uint8Array, total: number, chunk: Uint8Array, maxBytes: number): Uint8Array {
  if (total === 0) return chunk;
  const size = total + chunk.length;
  let buffer = held;
  if (size > held.length) {
    buffer = new Uint8Array(Math.min(Math.max(2 * held.length, size), maxBytes));
    buffer.set(held);
  }
  buffer.set(chunk, total);
  return buffer;
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
