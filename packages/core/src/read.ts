import type { BodyReader } from "./body-reader.ts";
import { readerOf } from "./body-reader.ts";
import type { Delivery } from "./delivery.ts";
import { headerOf } from "./delivery.ts";
import type { ReadLimits } from "./limits.ts";
import { Refusal } from "./refusal.ts";
import { bytesOf } from "./verified-body.ts";

/**
 * Gets the body's exact bytes: bounded in size, counted while reading, and bounded in time.
 *
 * A body that was read or parsed before is refused at once. It is never serialised again: those would be other bytes.
 */
export function read(
  { body, headers, consumed: fix }: BodySource,
  limits: ReadLimits,
): Uint8Array | Refusal | Promise<Uint8Array | Refusal> {
  if (fix !== undefined) return consumed(fix);
  if (body === null || body === undefined) return new Uint8Array();
  if (typeof body === "string" || body instanceof Uint8Array || body instanceof ArrayBuffer)
    return withinLimit(bytesOf(body), limits);
  if (typeof body !== "object") return consumed(PARSED);
  if (isSpent(body)) return consumed(READ_BEFORE);
  const reader = readerOf(body);
  if (reader === undefined) return consumed(PARSED);
  // Only ever a reason to refuse early: what counts is counted.
  if (Number(headerOf(headers, "content-length")) > limits.maxBytes) {
    reader.discard(limits.bodyTimeoutMs);
    return tooLarge(limits);
  }
  return collect(reader, limits);
}

/** A delivery, as far as reading its body goes. */
export type BodySource = Pick<Delivery, "headers" | "body" | "consumed">;

/** Waiting for a Node stream that has ended already would be waiting for ever. */
function isSpent(body: object): boolean {
  return (
    ("readableDidRead" in body && body.readableDidRead === true) ||
    ("readableEnded" in body && body.readableEnded === true)
  );
}

async function collect(reader: BodyReader, limits: ReadLimits): Promise<Uint8Array | Refusal> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  let refusal: Refusal | undefined;
  const take = (chunk: unknown): boolean => {
    if (refusal !== undefined) return false;
    if (!(chunk instanceof Uint8Array)) refusal = consumed(DECODED);
    else if (total + chunk.byteLength > limits.maxBytes) refusal = tooLarge(limits);
    else {
      chunks.push(chunk);
      total += chunk.byteLength;
    }
    return refusal === undefined;
  };
  try {
    const late = await endsInTime(reader.read(take), limits.bodyTimeoutMs);
    if (late) refusal ??= new Refusal("BODY_TIMEOUT", `The body was not complete after ${limits.bodyTimeoutMs} ms.`);
  } catch (cause) {
    refusal ??= new Refusal("BODY_TIMEOUT", "The connection ended before the body was complete.", { cause });
  }
  if (refusal === undefined) return join(chunks, total);
  reader.discard(limits.bodyTimeoutMs);
  return refusal;
}

/** Whether the deadline came first. */
async function endsInTime(reading: Promise<void>, bodyTimeoutMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<true>((resolve) => {
    timer = setTimeout(() => resolve(true), bodyTimeoutMs);
  });
  try {
    return (await Promise.race([reading, deadline])) === true;
  } finally {
    clearTimeout(timer);
  }
}

function join(chunks: readonly Uint8Array[], total: number): Uint8Array {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first;
  const whole = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

function withinLimit(bytes: Uint8Array, limits: ReadLimits): Uint8Array | Refusal {
  return bytes.byteLength > limits.maxBytes ? tooLarge(limits) : bytes;
}

function tooLarge({ maxBytes }: ReadLimits): Refusal {
  return new Refusal("BODY_TOO_LARGE", `The body is larger than ${maxBytes} bytes (the option \`maxBytes\`).`);
}

function consumed(fix: string): Refusal {
  return new Refusal("BODY_CONSUMED", `The body's exact bytes are gone, and the signature covers nothing else. ${fix}`);
}

const READ_BEFORE = "Something read the request before: mount the webhook's route before any body parser.";

const PARSED =
  "The body was given as a parsed object: mount the webhook's route before any body parser, such as express.json(), and give the bytes.";

const DECODED = "The body's stream gives text instead of bytes: take setEncoding() away, so that nothing decodes it.";
