import type { BodyReader } from "./body-reader.ts";
import { CONSUMED, type Delivery } from "./delivery.ts";
import type { Eventually } from "./eventually.ts";
import { DEFAULT_BODY_TIMEOUT_MS, DEFAULT_MAX_BYTES, type ReadLimits, tooLarge } from "./limits.ts";
import { Refusal } from "./refusal.ts";
import { bytesOf, isBytes } from "./verified-body.ts";

/**
 * Gets the body's exact bytes: bounded in size, counted while reading, and bounded in time.
 *
 * A body that was read or parsed before is refused at once. It is never serialised again: those would be other bytes.
 *
 * @param readerOf - finds the way to read a stream, for the kinds of streams that can occur
 */
export function read(
  { body, consumed }: Pick<Delivery, "body" | "consumed">,
  { maxBytes = DEFAULT_MAX_BYTES, bodyTimeoutMs = DEFAULT_BODY_TIMEOUT_MS }: ReadLimits,
  readerOf: (body: object) => BodyReader | undefined,
): Eventually<Uint8Array | Refusal> {
  if (consumed) return new Refusal("BODY_CONSUMED", consumed);
  const whole = isBytes(body) ? bytesOf(body) : body;
  if (!whole) return new Uint8Array();
  if (whole instanceof Uint8Array) return whole.length > maxBytes ? tooLarge(maxBytes) : whole;
  const reader = readerOf(Object(whole));
  return reader ? collect(reader, maxBytes, bodyTimeoutMs) : new Refusal("BODY_CONSUMED", CONSUMED);
}

async function collect(reader: BodyReader, maxBytes: number, bodyTimeoutMs: number): Promise<Uint8Array | Refusal> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  const reading = reader.read((chunk) => {
    if (!(chunk instanceof Uint8Array)) return new Refusal("BODY_CONSUMED", CONSUMED);
    chunks.push(chunk);
    total += chunk.length;
    return total > maxBytes ? tooLarge(maxBytes) : undefined;
  });
  const late = (cause?: unknown) =>
    new Refusal("BODY_TIMEOUT", "The body was not complete in time (`bodyTimeoutMs`).", { cause });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<Refusal>((resolve) => {
    timer = setTimeout(() => resolve(late()), bodyTimeoutMs);
  });
  const refusal = await Promise.race([reading.catch(late), deadline]);
  if (timer !== undefined) clearTimeout(timer);
  if (!refusal) return join(chunks, total);
  reader.discard(bodyTimeoutMs);
  return refusal;
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
